import type { Transferable } from 'node:worker_threads'
import { type Clock, TimeoutError, type Timer } from '@cupola/core'
import { type LinkedList, type LinkedNode, onAbort } from '@cupola/core/authoring'
import type { Ledger } from './ledger.ts'
import type { WordKind } from './messages.ts'
import type { WorkerThread } from './worker-thread.ts'

/** What a call asks for. */
export interface CallRequest {
  readonly name: string
  readonly args: readonly unknown[]
  readonly transfer: readonly Transferable[]
  readonly signal: AbortSignal | undefined
  /** Milliseconds that the call may run once it has begun; `Infinity` is no limit. */
  readonly timeout: number
  /** Milliseconds within which it has to settle; `Infinity` is no limit. */
  readonly deadline: number
  /** Higher begins first. */
  readonly priority: number
  /** Calls of one key run on one thread. */
  readonly affinity: AffinityKey | undefined
  /** Whether somebody may want to end it while it runs, even without a signal or a limit. */
  readonly interruptible: boolean
  /** What may be done when an attempt fails; `undefined` is nothing. */
  readonly retries: RetryBudget | undefined
  /** Who hears what it says before it has ended. Nobody, mostly. */
  readonly listener?: CallListener | undefined
  /** Whether it runs on the thread that it is sent to or not at all. */
  readonly isPinned?: boolean | undefined
}

/** Whom a call tells what its function says before it has ended. */
export interface CallListener {
  /** How many items may be on their way and not taken; 0 if it is a call that gives no items. */
  readonly credit: number
  /** Whether it wants to hear of progress. */
  readonly hearsProgress: boolean
  /** It is accepted. Told once, before anything else. */
  onAccepted(call: Call): void
  /** It gives items. */
  onItems(items: readonly unknown[]): void
  /** It tells how far it is. */
  onProgress(value: unknown): void
}

/** What is left of the attempts of a call. */
interface RetryBudget {
  /** Takes one. Returns the milliseconds until it may begin, `undefined` if there is to be none. */
  take(reason: unknown): number | undefined
}

/** What calls may have in common that are to run on one thread. */
export type AffinityKey = string | number

/** Whom a call tells that may be tried again, or that has an affinity. */
export interface CallKeeper {
  /** An attempt has failed. Returns whether there is to be another. */
  onFailure(call: Call, reason: unknown): boolean
  /** It has settled: nothing more will come of it. */
  onSettled(call: Call): void
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
  /** Which attempt this is, from 1 up. */
  attempt = 1
  /** When it began to wait, for the order in which calls are begun. Only the dispatcher writes it. */
  queuedAt = 0
  keeper: CallKeeper | undefined = undefined
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
  #deadline: Timer | undefined

  constructor(request: CallRequest, ledger: Ledger) {
    this.request = request
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#ledger = ledger
    this.place = ledger.accept()
    request.listener?.onAccepted(this)
  }

  /** Whether somebody may want to end it by force while it runs. */
  get canBeEnded(): boolean {
    const { interruptible, signal } = this.request
    return interruptible || signal !== undefined || this.isTimed || this.hasDeadline
  }

  /**
   * Whether it is sent only to a thread that has nothing else to do: one whose thread died before
   * beginning it may be what threads die of, of arguments that are too large, say.
   */
  get goesAlone(): boolean {
    return this.losses > 0
  }

  /** Whether its arguments leave this thread with it, so that it can be sent but once. */
  get moves(): boolean {
    return this.request.transfer.length > 0
  }

  /** Whether another thread may have it when the one it was sent to has not begun it. */
  get canBeSentAgain(): boolean {
    return !this.moves && this.losses < MOST_LOSSES
  }

  /** Whether its running time is limited. */
  get isTimed(): boolean {
    return this.request.timeout !== Infinity
  }

  /** Whether the time until it settles is limited. */
  get hasDeadline(): boolean {
    return this.request.deadline !== Infinity
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

  /** Gives it up if it has not settled when what is left of its deadline has passed. */
  watchDeadline(clock: Clock, leftMs: number, giveUp: (reason: unknown) => void): void {
    const { name, deadline } = this.request
    if (!this.hasDeadline) return
    const expire = () => giveUp(new TimeoutError(`finish the call of "${name}"`, deadline))
    this.#deadline = clock.setTimer(expire, leftMs)
  }

  /** An attempt has failed: calls `resume` when it is time for the next, unless it settles before. */
  rest(clock: Clock, delayMs: number, resume: () => void): void {
    this.#timer = clock.setTimer(resume, delayMs)
  }

  /** Its function says something. What it says when nobody waits for it any more is not heard. */
  onWords(kind: WordKind, words: readonly unknown[]): void {
    const { listener } = this.request
    if (this.#settled || listener === undefined) return
    if (kind === 'item') listener.onItems(words)
    else for (const word of words) listener.onProgress(word)
  }

  /** It returned. */
  resolve(value: unknown): void {
    if (!this.#settle()) return
    this.#resolve(value)
    this.#ledger.settle('completed')
  }

  /** Its function threw, or nobody can run it any more: it is tried again or fails. */
  reject(reason: unknown): void {
    if (this.#settled) return
    if (this.keeper !== undefined) {
      // Before the keeper sets the next: the time of this attempt is over.
      this.#timer?.cancel()
      if (this.keeper.onFailure(this, reason)) return
    }
    this.#settle()
    this.#reject(reason)
    this.#ledger.settle('failed')
  }

  /** Its caller, or its time limit, gave it up. */
  cancel(reason: unknown): void {
    if (!this.#settle()) return
    this.#reject(reason)
    this.#ledger.settle('cancelled')
  }

  /** Another call needed its place more. */
  drop(reason: unknown): void {
    if (!this.#settle()) return
    this.#reject(reason)
    this.#ledger.settle('dropped')
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#timer?.cancel()
    this.#deadline?.cancel()
    this.#abort?.[Symbol.dispose]()
    this.keeper?.onSettled(this)
    return true
  }
}
