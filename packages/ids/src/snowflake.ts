import {
  BrokenError,
  type Clock,
  FullError,
  systemClock,
  type Timer,
  type WaitOptions,
} from '@cupola/core'
import {
  firstWilling,
  LinkedList,
  NOT_YET,
  requireClock,
  requireDuration,
  requireInteger,
  requireObject,
  requireOneOf,
  requireString,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { quoted } from './quoted.ts'

/** Who makes the ids, and what they are made of. */
export interface SnowflakeOptions {
  /**
   * The number of this maker, from 0 to 2^`nodeBits`−1. No two that run at a time may have the same, so it
   * has to be said: an address or a process number would be a guess.
   */
  readonly node: number
  /**
   * How many bits the node takes, from 0 to 22.
   *
   * @defaultValue 10
   */
  readonly nodeBits?: number | undefined
  /**
   * How many bits the sequence takes, from 1 to 22. What the two leave of 63 bits is the time.
   *
   * @defaultValue 12
   */
  readonly sequenceBits?: number | undefined
  /**
   * The moment at which the time is 0, in milliseconds since 1970 UTC.
   *
   * @defaultValue 1735689600000, the beginning of 2025
   */
  readonly epoch?: number | undefined
  /**
   * Every id is greater than this one: the last of an earlier run, whose clock may have been ahead.
   *
   * @defaultValue none
   */
  readonly after?: bigint | undefined
  /**
   * How far the time of an id may be ahead of the clock, when one millisecond's ids are used up.
   *
   * @defaultValue 1000
   */
  readonly maxAheadMs?: number | undefined
  /**
   * What follows when the clock steps back: ids go on with the time they had, until that is `maxAheadMs`
   * ahead; or there is none before the clock is where it was.
   *
   * @defaultValue 'go-on'
   */
  readonly whenClockStepsBack?: 'go-on' | 'wait' | undefined
  /**
   * What time it is.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** What a snowflake is made of. */
export interface SnowflakeParts {
  /** When it was made, in milliseconds since 1970 UTC: the clock's time, or up to `maxAheadMs` later. */
  readonly timestamp: number
  /** Who made it. */
  readonly node: number
  /** Which of that millisecond's. */
  readonly sequence: number
}

const ID_BITS = 63

/** For how long to believe a clock that is to be waited for: it may be set right meanwhile. */
const LONGEST_NAP_MS = 1000

/** 2025-01-01T00:00:00Z: 41 bits of milliseconds last from here to 2094. */
const DEFAULT_EPOCH = 1_735_689_600_000

/**
 * Ids of 63 bits that get greater one by one: milliseconds since an epoch, a node, and a sequence within
 * the millisecond, as Twitter's [Snowflake](https://github.com/twitter-archive/snowflake/tree/b3f6a3c6ca8e1b6847baa6ff42bf72201e2c2231)
 * laid them out.
 *
 * A millisecond has 2^`sequenceBits` ids. Whoever wants more gets those of the next one, which is a
 * debt to the clock; at `maxAheadMs` {@link next} refuses and {@link acquire} waits. Neither spins.
 *
 * @example An id and what is in it
 * ```ts
 * import { Snowflake } from '@cupola/ids'
 *
 * const ids = new Snowflake({ node: 7 })
 * const { node, sequence } = ids.parse(ids.next())
 * node // => 7
 * sequence // => 0
 * ```
 */
export class Snowflake {
  readonly #clock: Clock
  readonly #epoch: number
  readonly #node: number
  readonly #nodeBits: number
  readonly #sequenceBits: number
  readonly #sequences: number
  readonly #latest: number
  readonly #maxAheadMs: number
  readonly #waitsOnStepBack: boolean
  readonly #queue = new LinkedList<Waiter<bigint>>()
  readonly #waitable: Waitable<bigint>
  /** The time of the last id, and its place in it: what follows is greater. */
  #time = -1
  #sequence: number
  /** The latest that the clock ever said. */
  #clockWas = -1
  /** The id of this time with sequence 0. */
  #base = 0n
  /** Armed while somebody waits. */
  #timer: Timer | undefined

  /**
   * @param options - Who makes the ids, and what they are made of.
   * @throws TypeError If an option has the wrong type, or `node` is missing.
   * @throws RangeError If one is out of range.
   */
  constructor(options: SnowflakeOptions) {
    requireObject('options', options)
    const { nodeBits = 10, sequenceBits = 12, epoch = DEFAULT_EPOCH } = options
    const { maxAheadMs = 1000, whenClockStepsBack = 'go-on', clock = systemClock, after } = options
    this.#nodeBits = requireInteger('nodeBits', nodeBits, 0, 22)
    this.#sequenceBits = requireInteger('sequenceBits', sequenceBits, 1, 22)
    this.#node = requireInteger('node', options.node, 0, 2 ** nodeBits - 1)
    this.#epoch = requireInteger('epoch', epoch, 0, Number.MAX_SAFE_INTEGER)
    this.#maxAheadMs = requireDuration('maxAheadMs', maxAheadMs)
    this.#waitsOnStepBack =
      requireOneOf('whenClockStepsBack', whenClockStepsBack, ['go-on', 'wait']) === 'wait'
    this.#clock = requireClock('clock', clock)
    this.#sequences = 2 ** sequenceBits
    this.#sequence = this.#sequences - 1
    // Of few other bits there are more for the time than numbers are exact with.
    const times = 2 ** (ID_BITS - nodeBits - sequenceBits)
    this.#latest = Math.min(times - 1, Number.MAX_SAFE_INTEGER - epoch)
    if (after !== undefined) this.#time = this.#partsOf('after', after).timestamp - epoch
    this.#clockWas = this.#time
    this.#waitable = {
      action: 'give the next id',
      clock,
      refusal: () => this.#refusal(this.#now()),
      tryNow: () => (this.#queue.size === 0 ? this.#tryNow() : NOT_YET),
      queueOf: () => this.#queue,
      gaveUp: () => this.#arm(),
    }
  }

  /**
   * The next id.
   *
   * @throws {@link FullError} If it would be further ahead of the clock than allowed, or if the bits
   *   of the time are used up.
   * @throws {@link BrokenError} If the clock is before the epoch.
   */
  next(): bigint {
    const now = this.#now()
    const refusal = this.#refusal(now)
    if (refusal !== undefined) throw refusal
    if (this.#delayMs(now) > 0) throw this.#tooFarAhead(now)
    return this.#take(now)
  }

  /** The next id, in decimal digits. Throws what {@link next} throws. */
  nextText(): string {
    return String(this.next())
  }

  /**
   * The next id, as soon as the clock allows: in the order of the calls. A {@link next} between does not
   * wait for its turn.
   *
   * Cancellation: whoever gives up takes no id.
   *
   * Cost: O(1). While somebody waits, there is one timer for all, which keeps the process alive; it looks at
   * the clock once a second at least, because that may be set right meanwhile.
   *
   * @param options - What may end the wait.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws {@link FullError} If the bits of the time are used up.
   * @throws {@link BrokenError} If the clock is before the epoch.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(options?: WaitOptions): Promise<bigint> {
    const id = wait(this.#waitable, options, undefined)
    this.#arm()
    return id
  }

  /**
   * Takes an id apart that was made with these bits and this epoch, by whichever node.
   *
   * @param id - As a bigint or in decimal digits.
   * @throws TypeError If it is neither.
   * @throws RangeError If it does not have 63 bits, or its timestamp is above 2⁵³−1.
   */
  parse(id: bigint | string): SnowflakeParts {
    return this.#partsOf('id', id)
  }

  #partsOf(name: string, id: bigint | string): SnowflakeParts {
    const value = requireSnowflake(name, id)
    const nodeAndTime = value >> BigInt(this.#sequenceBits)
    const time = nodeAndTime >> BigInt(this.#nodeBits)
    if (time > this.#latest) {
      throw new RangeError(`Cannot use ${name}: got ${value}, expected a timestamp up to 2⁵³−1`)
    }
    return {
      timestamp: Number(time) + this.#epoch,
      node: Number(BigInt.asUintN(this.#nodeBits, nodeAndTime)),
      sequence: Number(BigInt.asUintN(this.#sequenceBits, value)),
    }
  }

  #tryNow(): bigint | typeof NOT_YET {
    const now = this.#now()
    return this.#delayMs(now) === 0 ? this.#take(now) : NOT_YET
  }

  /** The next id, where nothing is in the way of it at that time. */
  #take(now: number): bigint {
    const time = this.#nextTime(now)
    if (time === this.#time) this.#sequence++
    else this.#begin(time)
    if (now > this.#clockWas) this.#clockWas = now
    return this.#base + BigInt(this.#sequence)
  }

  /** Milliseconds since the epoch, as the clock has it. Read once for each id: it may step back between. */
  #now(): number {
    return Math.floor(this.#clock.wall()) - this.#epoch
  }

  /** Which millisecond the next id belongs to: the present one, or the last id's as long as there is room. */
  #nextTime(now: number): number {
    if (now > this.#time) return now
    return this.#sequence < this.#sequences - 1 ? this.#time : this.#time + 1
  }

  /** For how long there is no next id: 0 if there is one now. */
  #delayMs(now: number): number {
    const aheadMs = this.#nextTime(now) - now - this.#maxAheadMs
    const backMs = this.#waitsOnStepBack ? this.#clockWas - now : 0
    return Math.max(0, aheadMs, backMs)
  }

  #begin(time: number): void {
    this.#time = time
    this.#sequence = 0
    const node = (BigInt(time) << BigInt(this.#nodeBits)) | BigInt(this.#node)
    this.#base = node << BigInt(this.#sequenceBits)
  }

  /** Why there is no next id, and waiting does not help. */
  #refusal(now: number): Error | undefined {
    if (!(now >= 0)) {
      return new BrokenError('give the next id', `the clock is before the epoch ${this.#epoch}`)
    }
    if (this.#nextTime(now) <= this.#latest) return undefined
    return new FullError('give the next id', 'the bits of the time are used up', undefined)
  }

  #tooFarAhead(now: number): FullError<undefined> {
    const problem = `it would be more than ${this.#maxAheadMs} ms ahead of the clock`
    const back = 'the clock has stepped back'
    const isBack = this.#waitsOnStepBack && now < this.#clockWas
    return new FullError('give the next id', isBack ? back : problem, undefined)
  }

  /** A timer while somebody waits, and none otherwise. */
  #arm(): void {
    if (this.#queue.size === 0) {
      this.#timer?.cancel()
      this.#timer = undefined
    } else {
      const delayMs = Math.min(this.#delayMs(this.#now()), LONGEST_NAP_MS)
      this.#timer ??= this.#clock.setTimer(() => this.#serve(), delayMs)
    }
  }

  #serve(): void {
    this.#timer = undefined
    for (let waiter = firstWilling(this.#queue); waiter; waiter = firstWilling(this.#queue)) {
      const now = this.#now()
      const refusal = this.#refusal(now)
      if (refusal !== undefined) waiter.reject(refusal)
      else if (this.#delayMs(now) === 0) waiter.resolve(this.#take(now))
      else break
    }
    // Of those who are left, the first has to wait some more: the clock may have been set back.
    this.#arm()
  }
}

function requireSnowflake(name: string, id: bigint | string): bigint {
  const value = typeof id === 'bigint' ? id : parseDecimal(name, id)
  if (BigInt.asUintN(ID_BITS, value) === value) return value
  throw new RangeError(`Cannot use ${name}: got ${value}, expected an integer of ${ID_BITS} bits`)
}

function parseDecimal(name: string, text: string): bigint {
  requireString(name, text)
  if (/^\d{1,20}$/.test(text)) return BigInt(text)
  throw new TypeError(`Cannot use ${name}: got ${quoted(text)}, expected decimal digits`)
}
