import type { Timer } from '@cupola/core'
import type { StageReport } from './report.ts'
import type { Run } from './run.ts'
import { type Downstream, END, NOBODY, PENDING, type Polled, type Stage } from './stage.ts'

/** When a batch is handed on. */
export interface BatchOptions {
  /** Items in a full batch, from 1 up. The last batch of a run may have fewer. */
  readonly size: number
  /**
   * Milliseconds after its first item at which a batch is handed on though it is not full. One that
   * nobody below has room for goes on growing, up to `size`. Counted on the pipeline's clock; the
   * timer keeps the process alive.
   *
   * @defaultValue Infinity: batches are full, but for the last
   */
  readonly afterMs?: number | undefined
}

/** Gathers items into arrays. */
export class Batch<T> implements Stage<T[]>, Downstream {
  downstream: Downstream = NOBODY
  readonly #run: Run
  readonly #upstream: Stage<T>
  readonly #size: number
  readonly #afterMs: number
  #items: T[] = []
  /** Set while a batch waits for items, if `afterMs` has an end. */
  #timer: Timer | undefined
  /** The batch is handed on as it is: its time has come, or nothing will follow. */
  #due = false
  #ended = false
  /** The stage above had nothing more at some time since the last batch was handed on. */
  #waited = false
  #done = 0

  constructor(run: Run, upstream: Stage<T>, { size, afterMs = Infinity }: BatchOptions) {
    this.#run = run
    this.#upstream = upstream
    this.#size = size
    this.#afterMs = afterMs
    upstream.downstream = this
    run.join(this)
  }

  poll(): Polled<T[]> {
    this.#gather()
    if (this.#ready) return this.#handOn()
    return this.#ended ? END : PENDING
  }

  wake(): void {
    this.#gather()
    if (this.#ready || this.#ended) this.downstream.wake()
  }

  report(): StageReport {
    const inFlight = this.#items.length
    return { name: 'batch', taken: this.#done + inFlight, done: this.#done, inFlight }
  }

  close(): void {
    this.#timer?.cancel()
  }

  get #ready(): boolean {
    const { length } = this.#items
    return length === this.#size || (length > 0 && (this.#due || this.#ended))
  }

  #gather(): void {
    while (this.#items.length < this.#size && !this.#ended) {
      const item = this.#upstream.poll()
      if (item === PENDING) return this.#waitForMore()
      if (item === END) this.#ended = true
      else this.#items.push(item)
    }
  }

  #waitForMore(): void {
    this.#waited = true
    if (this.#items.length === 0 || this.#timer !== undefined || this.#afterMs === Infinity) return
    if (this.#run.ending) return
    this.#timer = this.#run.setTimer(() => {
      this.#due = true
      this.downstream.wake()
    }, this.#afterMs)
  }

  #handOn(): T[] {
    const items = this.#items
    this.#items = []
    this.#done += items.length
    this.#due = false
    this.#timer?.cancel()
    this.#timer = undefined
    this.#gatherAhead()
    return items
  }

  /** Those above go on while a batch is worked on below. Pointless where nobody ever waits. */
  #gatherAhead(): void {
    if (!this.#waited) return
    this.#waited = false
    this.#gather()
  }
}
