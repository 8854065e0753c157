import { type Clock, ClosedError, FullError, TimeoutError, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import { Call, type CallRequest, type Ledger } from '@cupola/interruptible-worker/authoring'
import type { LocalModule } from './local-module.ts'
import type { OpenCalls } from './open-calls.ts'

/**
 * What becomes of a call for which there is no place. Whoever is refused or dropped is told by a
 * `FullError` that has the call.
 *
 * - `'reject'`: it is refused.
 * - `'wait'`: it waits for a place, first come, first served; it is accepted when it gets one.
 * - `'drop-oldest'`: it gets the place of the call that was made first of those not begun.
 * - `'drop-newest'`: it gets the place of the call that was made last of those not begun. To drop the
 *   call that comes is `'reject'`.
 * - `'caller-runs'`: its function runs on the thread that called, on clones of the arguments, which
 *   keeps that thread from making more calls. One with a `signal`, a `timeout`, a `deadline` or an
 *   `affinity`, which could not be kept there, is refused, and so is a stream. `retries` and
 *   `onProgress` do not count there.
 */
export type WhenFull = 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs'

/** All of them, for checks. */
export const WHEN_FULL: readonly WhenFull[] = [
  'reject',
  'wait',
  'drop-oldest',
  'drop-newest',
  'caller-runs',
]

/** Who has the calls that are accepted. */
export interface AdmissionOwner {
  /** One that has not begun may have to make room. */
  readonly openCalls: Pick<OpenCalls, 'takeOldest' | 'takeNewest'>
  /** `leftMs` is what is left of its deadline, by default all of it. */
  submit(call: Call, leftMs?: number): void
}

/** What somebody waits to do when there is a place; `undefined` is to be told. */
type Turn = (() => Promise<unknown>) | undefined

/** Lets calls in while there are places, and decides what happens when there is none. */
export class Admission {
  readonly #whenFull: WhenFull
  readonly #places: () => number
  readonly #ledger: Ledger
  readonly #owner: AdmissionOwner
  readonly #module: LocalModule
  readonly #clock: Clock
  readonly #waiters = new LinkedList<Waiter<unknown, Turn>>()
  readonly #onCaller = new LinkedList<Call>()
  readonly #waitable: Waitable<unknown, Turn>
  #closed = false
  #lookingAgain = false

  /** @param parts - `places` says how many calls may be open at once. */
  constructor({
    whenFull,
    places,
    ledger,
    owner,
    module,
    clock,
  }: Readonly<{
    whenFull: WhenFull
    places: () => number
    ledger: Ledger
    owner: AdmissionOwner
    module: LocalModule
    clock: Clock
  }>) {
    this.#whenFull = whenFull
    this.#places = places
    this.#ledger = ledger
    this.#owner = owner
    this.#module = module
    this.#clock = clock
    this.#waitable = {
      action: 'get a place in the thread pool',
      clock,
      refusal: () => this.#refusal(),
      tryNow: (turn) => (turn === undefined && this.#isFree ? undefined : NOT_YET),
      queueOf: () => this.#waiters,
    }
  }

  /** How many wait for a place. */
  get waiting(): number {
    return this.#waiters.size
  }

  /** How many calls run on the thread that made them. They take no place. */
  get onCaller(): number {
    return this.#onCaller.size
  }

  /**
   * Accepts a call, or does with it what is to be done when there is no place.
   *
   * @throws FullError If it is refused.
   * @throws TimeoutError If it may take no time at all.
   */
  admit(request: CallRequest): Promise<unknown> {
    const isFree = this.#room > 0 && (this.#waiters.size === 0 || this.#whenFull !== 'wait')
    if (!isFree && this.#whenFull === 'reject') throw this.#fullError(request)
    const limit = Math.min(request.timeout, request.deadline)
    if (limit === 0) throw new TimeoutError(`finish the call of "${request.name}"`, 0)
    return isFree ? this.#accept(request) : this.#makeRoom(request)
  }

  /** Waits until there is a place and nobody has waited for longer. Does not take it. */
  async ready(options: WaitOptions): Promise<void> {
    await wait(this.#waitable, options, undefined)
  }

  /** There may be places now. */
  serve(): void {
    if (this.#waiters.size === 0) return
    let told = 0
    for (const waiter of this.#waiters) {
      if (this.#room - told <= 0) break
      if (waiter.detail === undefined) {
        told++
        waiter.resolve(undefined)
      } else {
        waiter.resolve(waiter.detail())
      }
    }
    if (told > 0) this.#lookAgain()
  }

  /** Refuses everybody who waits, and who comes from now on. */
  close(): void {
    this.#closed = true
    for (const waiter of this.#waiters) waiter.reject(this.#refusal())
  }

  /** Fails the calls that run on the thread that made them. Returns how many there were. */
  terminate(reason: unknown): number {
    this.close()
    const { size } = this.#onCaller
    for (const call of this.#onCaller) {
      this.#onCaller.remove(call)
      call.cancel(reason)
    }
    return size
  }

  get #room(): number {
    return this.#places() - (this.#ledger.open - this.#onCaller.size)
  }

  get #isFree(): boolean {
    return this.#room > 0 && this.#waiters.size === 0
  }

  #accept(request: CallRequest, leftMs?: number): Promise<unknown> {
    const call = new Call(request, this.#ledger)
    this.#owner.submit(call, leftMs)
    return call.promise
  }

  #makeRoom(request: CallRequest): Promise<unknown> {
    switch (this.#whenFull) {
      case 'wait':
        return this.#acceptLater(request)
      case 'drop-oldest':
        return this.#acceptInsteadOf(this.#owner.openCalls.takeOldest(), request)
      case 'drop-newest':
        return this.#acceptInsteadOf(this.#owner.openCalls.takeNewest(), request)
      case 'caller-runs':
        return this.#runHere(request)
      case 'reject':
    }
    throw this.#fullError(request)
  }

  #acceptLater(request: CallRequest): Promise<unknown> {
    const { signal, deadline } = request
    const cameAt = this.#clock.now()
    const turn = () => {
      // Of two that hang on one signal, the first may have made the place by being given up.
      if (signal?.aborted) return Promise.reject(signal.reason)
      const waitedMs = deadline === Infinity ? 0 : this.#clock.now() - cameAt
      return this.#accept(request, Math.max(deadline - waitedMs, 0))
    }
    return wait(this.#waitable, { signal, timeout: deadline }, turn)
  }

  /** The new one comes in first: otherwise somebody else would be told that there is a place. */
  #acceptInsteadOf(dropped: Call | undefined, request: CallRequest): Promise<unknown> {
    if (dropped === undefined) throw this.#fullError(request)
    const accepted = this.#accept(request)
    const { name, args } = dropped.request
    dropped.drop(new FullError(`call "${name}"`, 'a later call got its place', { name, args }))
    return accepted
  }

  #runHere(request: CallRequest): Promise<unknown> {
    const { name, args, transfer, signal, timeout, deadline, affinity, listener } = request
    const isLimited = Math.min(timeout, deadline) !== Infinity || signal !== undefined
    const isStream = listener !== undefined && listener.credit > 0
    if (isLimited || isStream || affinity !== undefined) throw this.#fullError(request)
    const call = new Call(request, this.#ledger)
    this.#onCaller.push(call)
    void this.#module.call(name, args, transfer).then(
      (value) => this.#settleHere(call, () => call.resolve(value)),
      (error: unknown) => this.#settleHere(call, () => call.reject(error)),
    )
    return call.promise
  }

  #settleHere(call: Call, settle: () => void): void {
    this.#onCaller.remove(call)
    settle()
  }

  /**
   * Somebody was told of a place and has this turn to take it. Whether they do is their business:
   * if not, it is the next one's.
   */
  #lookAgain(): void {
    if (this.#lookingAgain) return
    this.#lookingAgain = true
    setImmediate(() => {
      this.#lookingAgain = false
      this.serve()
    })
  }

  #refusal(): Error | undefined {
    return this.#closed ? new ClosedError('get a place', 'the thread pool') : undefined
  }

  #fullError({ name, args }: CallRequest): FullError {
    const problem = `all ${this.#places()} places are taken`
    return new FullError(`call "${name}"`, problem, { name, args })
  }
}
