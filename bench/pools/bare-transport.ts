import { Worker } from 'node:worker_threads'
import { type Argument, type OpenPool, TASKS, type TaskName, THREADS } from './contestant.ts'

/** Its threads know each function by its place in this list. */
export const FUNCTIONS = [...TASKS, 'timeSpins', 'touch'] as const

/** Of a thousand calls in flight half are in the threads and half wait to be the next batch. */
const MAX_IN_THREAD = 256

type Resolve = (value: never) => void

/**
 * The least that can be done for calls on two threads: those of one microtask turn travel as one
 * flat array per thread, and so do the results. An error ends the program; nothing can be given up,
 * and a call is stuck behind whatever its thread got before it.
 */
export class BareTransport implements OpenPool {
  readonly #threads = Array.from({ length: THREADS }, () => new Thread(this.#onAnswers.bind(this)))
  /** Function, argument and `resolve` of each call that is in no thread, from `#head` on. */
  #queue: unknown[] = []
  #head = 0
  #scheduled = false
  /** By the number of the call. */
  readonly #resolves: Resolve[] = []
  readonly #freeNumbers: number[] = []

  run(task: TaskName, argument: Argument): Promise<number> {
    return this.#call(task, argument)
  }

  move(buffer: ArrayBuffer): Promise<ArrayBuffer> {
    return this.#call('touch', buffer)
  }

  /** How many milliseconds these spins take one after the other, by the clock of their thread. */
  timeSpins(lengths: readonly number[]): Promise<number> {
    return this.#call('timeSpins', lengths)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()))
  }

  #call<Result>(name: (typeof FUNCTIONS)[number], argument: unknown): Promise<Result> {
    return new Promise((resolve) => {
      this.#queue.push(FUNCTIONS.indexOf(name), argument, resolve)
      this.#schedule()
    })
  }

  /** Once per turn: whatever else is called in this turn comes before the flush. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    while (this.#head < this.#queue.length) {
      const thread = this.#threads.reduce((a, b) => (b.inFlight < a.inFlight ? b : a))
      if (thread.inFlight === MAX_IN_THREAD) break
      const number = this.#freeNumbers.pop() ?? this.#resolves.length
      this.#resolves[number] = this.#queue[this.#head + 2] as Resolve
      thread.push(number, this.#queue[this.#head], this.#queue[this.#head + 1])
      this.#head += 3
    }
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    }
    for (const thread of this.#threads) thread.flush()
  }

  #onAnswers(answers: readonly unknown[]): void {
    for (let index = 0; index < answers.length; index += 2) {
      const number = answers[index] as number
      this.#resolves[number]?.(answers[index + 1] as never)
      this.#freeNumbers.push(number)
    }
    this.#schedule()
  }
}

class Thread {
  readonly worker = new Worker(new URL('./workers/bare-transport.ts', import.meta.url))
  inFlight = 0
  #batch: unknown[] = []
  #moved: ArrayBuffer[] = []

  constructor(onAnswers: (answers: readonly unknown[]) => void) {
    this.worker.on('message', (answers: readonly unknown[]) => {
      this.inFlight -= answers.length / 2
      onAnswers(answers)
    })
  }

  push(number: number, fn: unknown, argument: unknown): void {
    this.#batch.push(number, fn, argument)
    if (argument instanceof ArrayBuffer) this.#moved.push(argument)
    this.inFlight++
  }

  flush(): void {
    if (this.#batch.length === 0) return
    this.worker.postMessage(this.#batch, this.#moved)
    this.#batch = []
    this.#moved = []
  }
}
