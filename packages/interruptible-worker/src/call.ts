import type { Transferable } from 'node:worker_threads'
import { type Clock, TimeoutError, type Timer } from '@cupola/core'
import { type LinkedList, type LinkedNode, onAbort } from '@cupola/core/authoring'
import type { Ledger } from './ledger.ts'
import type { WorkerThread } from './worker-thread.ts'

/** What a call asks for. */
export interface CallRequest {
  readonly name: string
  readonly args: readonly unknown[]
  readonly transfer: readonly Transferable[]
  readonly signal: AbortSignal | undefined
  /** Milliseconds that the call may run once it has begun; `Infinity` is no limit. */
  readonly timeout: number
}

/** So many threads may die before they begin a call; with the next one it fails. */
const MOST_LOSSES = 2

/**
 * One accepted call.
 *
 *   queued ──sent to a thread──▶ sent ──answer──▶ settled
 *      ▲                          │ │               ▲
 *      └──not begun, taken back───┘ └───any failure─┘
 *
 * It is queued while it is in a list and sent while it has a `thread`. It settles once; whoever
 * settles it later is ignored.
 */
export class Call implements LinkedNode<Call> {
  previous: Call | undefined = undefined
  next: Call | undefined = undefined
  list: LinkedList<Call> | undefined = undefined
  /**
   * Where it was sent, its number there, and how many milliseconds it will probably take. Only the
   * window of that thread writes these three.
   */
  thread: WorkerThread | undefined = undefined
  number = 0
  expectedMs = 0
  /** How many threads have died before they began it. */
  losses = 0
  readonly request: CallRequest
  /** Its place among all calls of the pool, in the order they were made. */
  readonly place: number
  readonly promise: Promise<unknown>
  readonly #ledger: Ledger
  // Set when `new Promise` returns, which calls its function at once. Not a `Deferred`, which would be
  // one more object for each call.
  #resolve!: (value: unknown) => void
  #reject!: (reason: unknown) => void
  #settled = false
  #abort: Disposable | undefined
  #timer: Timer | undefined

  constructor(request: CallRequest, ledger: Ledger) {
    this.request = request
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#ledger = ledger
    this.place = ledger.accept()
  }

  /** Whether somebody may want to end it by force while it runs. */
  get canBeEnded(): boolean {
    return this.request.signal !== undefined || this.isTimed
  }

  /**
   * Whether it is sent only to a thread that has nothing else to do. A call that moves its arguments
   * is, because it cannot be sent a second time; so is one whose thread died before beginning it,
   * because it may be what threads die of: of arguments that are too large, say.
   */
  get goesAlone(): boolean {
    return this.request.transfer.length > 0 || this.losses > 0
  }

  /** Whether another thread may have it when the one it was sent to has not begun it. */
  get canBeSentAgain(): boolean {
    return this.request.transfer.length === 0 && this.losses < MOST_LOSSES
  }

  /** Whether its running time is limited. */
  get isTimed(): boolean {
    return this.request.timeout !== Infinity
  }

  /** Calls `giveUp` with the reason if the caller's signal aborts before the call has settled. */
  watchSignal(giveUp: (reason: unknown) => void): void {
    if (this.request.signal !== undefined) this.#abort = onAbort(this.request.signal, giveUp)
  }

  /** The thread has begun it: from now on the time counts. */
  watchTime(clock: Clock, giveUp: (reason: unknown) => void): void {
    const { name, timeout } = this.request
    if (this.#settled || !this.isTimed) return
    const expire = () => giveUp(new TimeoutError(`finish the call of "${name}"`, timeout))
    this.#timer = clock.setTimer(expire, timeout)
  }

  /** It returned. */
  resolve(value: unknown): void {
    if (!this.#settle()) return
    this.#resolve(value)
    this.#ledger.settle('completed')
  }

  /** Its function threw, or nobody can run it any more. */
  reject(reason: unknown): void {
    if (!this.#settle()) return
    this.#reject(reason)
    this.#ledger.settle('failed')
  }

  /** Its caller, or its time limit, gave it up. */
  cancel(reason: unknown): void {
    if (!this.#settle()) return
    this.#reject(reason)
    this.#ledger.settle('cancelled')
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#timer?.cancel()
    this.#abort?.[Symbol.dispose]()
    return true
  }
}
