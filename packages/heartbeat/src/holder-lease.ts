import {
  BrokenError,
  type Clock,
  ClosedError,
  type ListenOptions,
  systemClock,
  type Timer,
} from '@cupola/core'
import {
  Emitter,
  onAbort,
  requireClock,
  requireDuration,
  requireFunction,
  requireObject,
} from '@cupola/core/authoring'
import { LeaseDeadline } from './lease-deadline.ts'
import { requirePositive } from './require-positive.ts'

/** What a store grants. */
export interface LeaseGrant<Token> {
  /** The fencing token: a resource refuses whoever comes with a lower one than it has seen. */
  readonly token: Token
  /**
   * How long, if not as long as was asked for.
   *
   * @defaultValue the lease's `ttlMs`
   */
  readonly ttlMs?: number | undefined
}

/** What a store is asked. */
export interface LeaseRequest<Token> {
  /** What is held; `undefined` when a lease is asked for. */
  readonly token: Token | undefined
  /** Aborts when the answer is of no use any more. */
  readonly signal: AbortSignal
}

/** Asks a store for a lease, or to prolong it. `undefined` says that somebody else has it. */
export type RenewLease<Token> = (
  request: LeaseRequest<Token>,
) => Promise<LeaseGrant<Token> | undefined>

/** How a lease is held. */
export interface HolderLeaseOptions<Token> {
  /** How long the store grants it, in milliseconds. */
  readonly ttlMs: number
  /**
   * How much earlier than the store the holder takes it to be over: for clocks that do not run equally
   * fast, and for what is on its way to the resource.
   *
   * @defaultValue a tenth of `ttlMs`
   */
  readonly marginMs?: number | undefined
  /**
   * How often it is prolonged.
   *
   * @defaultValue a third of `ttlMs`
   */
  readonly renewEveryMs?: number | undefined
  /**
   * Gives it back, when it is closed while it is held.
   *
   * @defaultValue it runs out
   */
  readonly release?: ((token: Token) => Promise<void>) | undefined
  /**
   * Whose time counts.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * Milliseconds of a clock that also runs while the machine sleeps.
   *
   * @defaultValue the machine's uptime; with a `clock` of your own, that clock
   */
  readonly uptimeMs?: (() => number) | undefined
}

/** Events of a `HolderLease`. Observations only: nothing depends on a listener. */
export interface HolderLeaseEvents {
  /** It was prolonged. */
  readonly renewed: { readonly remainingMs: number }
  /** It could not be prolonged this time. */
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
  readonly #ttlMs: number
  readonly #marginMs: number
  readonly #renewEveryMs: number
  readonly #release: ((token: Token) => Promise<void>) | undefined
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
    requireObject('options', options)
    const { ttlMs, release, clock = systemClock, uptimeMs } = options
    const { marginMs = requirePositive('ttlMs', ttlMs) / 10, renewEveryMs = ttlMs / 3 } = options
    requireDuration('marginMs', marginMs)
    requirePositive('renewEveryMs', renewEveryMs)
    if (release !== undefined) requireFunction('release', release)
    if (marginMs + renewEveryMs >= ttlMs) {
      throw new RangeError(
        `Cannot use ttlMs: got ${ttlMs}, expected more than marginMs and renewEveryMs together`,
      )
    }
    this.#renew = renew
    this.#ttlMs = ttlMs
    this.#marginMs = marginMs
    this.#renewEveryMs = renewEveryMs
    this.#release = release
    this.#clock = requireClock('clock', clock)
    this.#deadline = new LeaseDeadline(clock, uptimeMs)
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
   * @returns `false` if somebody else has it, or the answer came too late to be of use.
   * @throws What `renew` throws.
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
   * Gives the lease back if it is held.
   *
   * @throws What `release` throws; the lease is over all the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#giveBack()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ask(): Promise<boolean> {
    if (this.#state === 'held') return this.isHeld
    this.signal.throwIfAborted()
    const setDeadline = this.#deadline.fromNow()
    const grant = await this.#request(this.#ttlMs - this.#marginMs)
    if (grant === undefined) {
      this.signal.throwIfAborted()
      return false
    }
    setDeadline(this.#durationOf(grant))
    if (this.signal.aborted || this.#deadline.remainingMs === 0) {
      // Granted to nobody: others need not wait until it runs out.
      await this.#release?.(grant.token)
      this.signal.throwIfAborted()
      return false
    }
    this.#token = grant.token
    this.#state = 'held'
    this.#watch()
    return true
  }

  /** Asks the store, which is told when nobody cares for its answer any more. */
  async #request(patienceMs: number): Promise<LeaseGrant<Token> | undefined> {
    const controller = new AbortController()
    const timer = this.#clock.setTimer(() => controller.abort(), patienceMs)
    timer.unref()
    const over = onAbort(this.signal, (reason) => controller.abort(reason))
    try {
      return await this.#renew({ token: this.#token, signal: controller.signal })
    } finally {
      over[Symbol.dispose]()
      timer.cancel()
    }
  }

  /** Sets both timers from what is left. */
  #watch(): void {
    this.#expiry?.cancel()
    this.#expiry = this.#clock.setTimer(() => this.#runOut(), this.#deadline.remainingMs)
    this.#expiry.unref()
    this.#renewAfter(this.#renewEveryMs)
  }

  #renewAfter(delayMs: number): void {
    this.#renewal?.cancel()
    this.#renewal = this.#clock.setTimer(() => void this.#prolong(), delayMs)
    this.#renewal.unref()
  }

  /** Never rejects. An answer that comes after the end changes nothing. */
  async #prolong(): Promise<void> {
    const setDeadline = this.#deadline.fromNow()
    let grant: LeaseGrant<Token> | undefined
    try {
      grant = await this.#request(this.remainingMs)
    } catch (error) {
      if (this.#state !== 'held') return
      this.#renewAfter(this.#renewEveryMs * RETRY_SHARE)
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

  #durationOf({ ttlMs = this.#ttlMs }: LeaseGrant<Token>): number {
    return ttlMs - this.#marginMs
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
    const { isHeld } = this
    const token = this.#token
    if (this.#state !== 'over') this.#end(new ClosedError('rely on the lease', 'it'))
    if (isHeld && token !== undefined) await this.#release?.(token)
  }
}
