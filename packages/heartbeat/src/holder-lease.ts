import {
  BrokenError,
  type Clock,
  ClosedError,
  type ListenOptions,
  TimeoutError,
  type Timer,
} from '@cupola/core'
import { Emitter, requireFunction } from '@cupola/core/authoring'
import { callInTime } from './call-in-time.ts'
import { LeaseDeadline } from './lease-deadline.ts'
import { type HolderLeaseOptions, type LeaseSettings, leaseSettingsOf } from './lease-options.ts'
import { type LeaseGrant, type RenewLease, requireGrant } from './lease-store.ts'

/** Events of a `HolderLease`. Observations only: nothing depends on a listener. */
export interface HolderLeaseEvents {
  /** It was prolonged. */
  readonly renewed: { readonly remainingMs: number }
  /** It could not be prolonged this time, or what nobody waits for could not be given back. */
  readonly failure: { readonly error: unknown }
  /** It is over, and why. */
  readonly lost: { readonly reason: unknown }
}

/** The first attempt after a failure comes after this part of the time between two. */
const RETRY_SHARE = 1 / 4

/**
 * Where a lease is in its life.
 *
 *   free ──granted──▶ held ──refused, run out, closed──▶ over
 *     └──────────────────────closed──────────────────────┘
 */
type LeaseState = 'free' | 'held' | 'over'

/**
 * A lease of any store, as its holder has to see it: held until a deadline that is counted from before
 * the request was sent, less a margin, and never again after that.
 *
 * No lease excludes anybody by itself: between the last look at the clock and the effect of what follows
 * any time may pass. Only the resource can exclude, by refusing a `token` that is lower than one it has
 * seen. The lease makes that rare, and the token makes it harmless.
 *
 * It keeps no process alive.
 *
 * @example Hold it, and look before each step
 * ```ts
 * import { HolderLease } from '@cupola/heartbeat'
 *
 * await using lease = new HolderLease(async () => ({ token: 33 }), { ttlMs: 30_000 })
 * await lease.acquire() // => true
 * lease.throwIfLost()
 * lease.token // => 33
 * ```
 */
export class HolderLease<Token> implements AsyncDisposable {
  readonly #renew: RenewLease<Token>
  readonly #settings: LeaseSettings<Token>
  readonly #clock: Clock
  readonly #deadline: LeaseDeadline
  readonly #controller = new AbortController()
  readonly #events = new Emitter<HolderLeaseEvents>()
  #state: LeaseState = 'free'
  #token: Token | undefined
  #acquiring: Promise<boolean> | undefined
  #expiry: Timer | undefined
  #renewal: Timer | undefined
  #closing: Promise<void> | undefined

  /**
   * @param renew - Asks the store, each time the lease is to be granted or prolonged.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(renew: RenewLease<Token>, options: HolderLeaseOptions<Token>) {
    requireFunction('renew', renew)
    this.#renew = renew
    this.#settings = leaseSettingsOf(options)
    this.#clock = this.#settings.clock
    this.#deadline = new LeaseDeadline(this.#clock, this.#settings.uptimeMs)
  }

  /** Whether it is held at this moment, by the clock. */
  get isHeld(): boolean {
    return this.#state === 'held' && this.#deadline.remainingMs > 0
  }

  /** For how long it is held without being prolonged, 0 if it is not. */
  get remainingMs(): number {
    return this.#state === 'held' ? this.#deadline.remainingMs : 0
  }

  /** The fencing token, to send along with all that the lease is for. `undefined` before it is granted. */
  get token(): Token | undefined {
    return this.#token
  }

  /**
   * Aborts when the lease is over, with the reason. A blocked event loop aborts nothing: after each
   * `await`, and before each effect, ask {@link throwIfLost}.
   */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /**
   * Asks for the lease, and goes on prolonging it if it is granted. May be asked again if it is not.
   *
   * @returns `false` if somebody else has it.
   * @throws What `renew` throws.
   * @throws TimeoutError If no answer came in time to be of use.
   * @throws TypeError If the store answers something else than a grant.
   * @throws RangeError If it grants no time.
   * @throws BrokenError If it was held and is over: make another.
   * @throws ClosedError If it is closed.
   */
  acquire(): Promise<boolean> {
    this.#acquiring ??= this.#ask().finally(() => (this.#acquiring = undefined))
    return this.#acquiring
  }

  /**
   * Looks at the clock, whatever timers have had time to do: what blocks the event loop cannot slip
   * through.
   *
   * @throws BrokenError If it is over, or was never granted.
   * @throws ClosedError If it is closed.
   */
  throwIfLost(): void {
    if (this.isHeld) return
    if (this.#state === 'held') this.#runOut()
    this.signal.throwIfAborted()
    throw new BrokenError('rely on the lease', 'it has not been granted')
  }

  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof HolderLeaseEvents>(
    name: Name,
    listener: (event: HolderLeaseEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /**
   * Gives the lease back if it is held. It is over at once, whatever becomes of that.
   *
   * @throws What `release` throws.
   * @throws TimeoutError If `release` takes longer than the lease would have lasted.
   */
  close(): Promise<void> {
    this.#closing ??= this.#giveBack()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ask(): Promise<boolean> {
    if (this.isHeld) return true
    if (this.#state === 'held') this.#runOut()
    this.signal.throwIfAborted()
    const { ttlMs, marginMs } = this.#settings
    const setDeadline = this.#deadline.fromNow()
    const grant = await this.#request(ttlMs - marginMs)
    if (grant === undefined) return false
    setDeadline(this.#durationOf(grant))
    if (this.signal.aborted || this.#deadline.remainingMs === 0) {
      this.#returnUnused(grant)
      this.signal.throwIfAborted()
      throw new TimeoutError('acquire the lease', ttlMs - marginMs)
    }
    this.#token = grant.token
    this.#state = 'held'
    this.#watch()
    return true
  }

  /** Asks the store, and waits no longer than that. What it grants after that is nobody's. */
  #request(timeoutMs: number): Promise<LeaseGrant<Token> | undefined> {
    const limits = { clock: this.#clock, timeoutMs, action: 'hear from the store' }
    return callInTime(
      async (signal) => {
        const grant = requireGrant(await this.#renew({ token: this.#token, signal }))
        if (signal.aborted && grant !== undefined && this.#isIdle) this.#returnUnused(grant)
        return grant
      },
      { ...limits, signal: this.signal },
    )
  }

  /** Whether neither it is held nor a request may make it so, which a store may answer with the same token. */
  get #isIdle(): boolean {
    return this.#state === 'over' || (this.#state === 'free' && this.#acquiring === undefined)
  }

  /** Others need not wait until it runs out. */
  #returnUnused({ token }: LeaseGrant<Token>): void {
    const returning = async (): Promise<void> => await this.#settings.release?.(token)
    returning().catch((error: unknown) => this.#events.emit('failure', { error }))
  }

  /** Sets both timers from what is left. */
  #watch(): void {
    const { remainingMs } = this.#deadline
    this.#expiry?.cancel()
    this.#expiry = this.#clock.setTimer(() => this.#runOut(), remainingMs)
    this.#expiry.unref()
    // The store may have granted less than it was asked for.
    this.#renewAfter(Math.min(this.#settings.renewEveryMs, remainingMs / 2))
  }

  #renewAfter(delayMs: number): void {
    this.#renewal?.cancel()
    this.#renewal = this.#clock.setTimer(() => void this.#prolong(), delayMs)
    this.#renewal.unref()
  }

  /** Never rejects. An answer that comes after the end changes nothing. */
  async #prolong(): Promise<void> {
    const { renewEveryMs } = this.#settings
    const setDeadline = this.#deadline.fromNow()
    let grant: LeaseGrant<Token> | undefined
    try {
      grant = await this.#request(Math.min(renewEveryMs, this.remainingMs))
    } catch (error) {
      if (this.#state !== 'held') return
      this.#renewAfter(renewEveryMs * RETRY_SHARE)
      this.#events.emit('failure', { error })
      return
    }
    if (this.#state !== 'held') return
    if (!this.isHeld) this.#runOut()
    else if (grant?.token === this.#token && grant !== undefined) this.#extend(grant, setDeadline)
    else this.#end(new BrokenError('hold the lease', 'somebody else has been granted it'))
  }

  #extend(grant: LeaseGrant<Token>, setDeadline: (durationMs: number) => void): void {
    setDeadline(this.#durationOf(grant))
    this.#watch()
    this.#events.emit('renewed', { remainingMs: this.remainingMs })
  }

  #durationOf({ ttlMs = this.#settings.ttlMs }: LeaseGrant<Token>): number {
    return ttlMs - this.#settings.marginMs
  }

  #runOut(): void {
    this.#end(new BrokenError('hold the lease', 'it ran out before it was prolonged'))
  }

  #end(reason: unknown): void {
    const wasHeld = this.#state === 'held'
    this.#state = 'over'
    this.#expiry?.cancel()
    this.#renewal?.cancel()
    this.#controller.abort(reason)
    if (wasHeld) this.#events.emit('lost', { reason })
  }

  async #giveBack(): Promise<void> {
    const { release } = this.#settings
    const { remainingMs: timeoutMs } = this
    const token = this.#token
    if (this.#state !== 'over') this.#end(new ClosedError('rely on the lease', 'it'))
    if (timeoutMs === 0 || token === undefined || release === undefined) return
    const limits = { clock: this.#clock, timeoutMs, action: 'give back the lease' }
    await callInTime(() => release(token), limits)
  }
}
