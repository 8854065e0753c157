import { type Clock, FullError, systemClock, type WaitOptions } from '@cupola/core'
import {
  Emitter,
  firstWilling,
  LinkedList,
  NOT_YET,
  requireBigInt,
  requireClock,
  requireInteger,
  requireObject,
  requireOneOf,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import {
  COUNTERS,
  type CycleId,
  type CycleIdParts,
  cycleIdToBigInt,
  cycleIdToBytes,
  cycleIdToHex,
  firstCycleId,
  parseCycleId,
} from './cycle-id.ts'
import type { HighWaterMark } from './high-water-mark.ts'
import { Reservation } from './reservation.ts'

/** Whose ids they are. */
export interface CycleIdOptions {
  /** The address, IPv4 or IPv6, that nobody else generates ids for at that port. */
  readonly address: string
  /** The port, from 0 to 65,535. */
  readonly port: number
  /**
   * Where the counter begins, from 0 to 2⁸⁰−1. A stored mark goes before it.
   *
   * @defaultValue milliseconds since 1970, times 2³²: above all that an earlier run of up to 2³² ids a
   *   millisecond got to, unless the clock was set back
   */
  readonly start?: bigint | undefined
  /**
   * What becomes of the id after the highest counter: it has counter 0, or there is none.
   *
   * @defaultValue 'wrap'
   */
  readonly atEnd?: 'wrap' | 'refuse' | undefined
  /**
   * What time it is.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** Whose ids they are, and what keeps them from coming again. */
export interface StoredCycleIdOptions extends CycleIdOptions {
  /** Where it is kept how far the counter may have got. */
  readonly mark: HighWaterMark
  /**
   * How many ids are reserved at a time, from 1 to 2⁴⁰. Those of a block that are not used when the
   * process ends are never used.
   *
   * @defaultValue 1,048,576
   */
  readonly block?: number | undefined
}

/** Events of {@link CycleIdGenerator}. Observations only: nothing depends on a listener. */
export interface CycleIdEvents {
  /** The counter went from its highest value to 0: ids come again from now on. */
  readonly wrap: { readonly address: string; readonly port: number }
}

/**
 * Ids of an address, a port and a counter: 128 bits for IPv4, in the layout of CUP's `CycleIDGenerator`, 232
 * for IPv6. Each is one more than the one before. Nobody has to be asked for one, because whoever listens
 * at an address and a port is alone there; two generators of the same address and port give the same ids.
 *
 * With {@link open} no id comes twice, however the process ends: how far the counter may go is stored
 * before it goes there. Without, the counter begins at the time of day.
 *
 * @example An id, and whose it is
 * ```ts
 * import { CycleIdGenerator } from '@cupola/ids'
 *
 * const ids = new CycleIdGenerator({ address: '10.0.0.1', port: 8080, start: 41n })
 * ids.next()
 * const hex = CycleIdGenerator.toHex(ids.next())
 * hex // => '0a0000011f900000000000000000002a'
 * CycleIdGenerator.parse(hex) // => { address: '10.0.0.1', port: 8080, counter: 42n }
 * ```
 */
export class CycleIdGenerator {
  /**
   * A generator whose ids come once, also across restarts.
   *
   * @param options - Whose ids they are, and where the mark is.
   * @returns Resolves when the first block is reserved.
   * @throws TypeError If an option has the wrong type, `address` is no address, or `mark.read()` gives
   *   something else than a mark.
   * @throws RangeError If `port`, `start` or `block` is out of range.
   * @throws What `mark.read()` rejects with.
   * @throws {@link BrokenError} If `mark.reserve()` rejects, with that as the `cause`.
   */
  static async open(options: StoredCycleIdOptions): Promise<CycleIdGenerator> {
    const generator = new CycleIdGenerator(options)
    const { mark, block = 2 ** 20 } = options
    requireMark(mark)
    requireInteger('block', block, 1, 2 ** 40)
    await generator.#reserveFrom(mark, BigInt(block))
    return generator
  }

  /**
   * Writes an id in as many digits as all of its kind have: 32, or 58 if the address is IPv6.
   *
   * @param id - In any of its forms.
   * @param prefix - What stands before the digits.
   * @throws TypeError If `id` has the wrong type, or `prefix` is something else, as where `map()` hands on
   *   a position.
   * @throws RangeError If it is no cycle id.
   *
   * @defaultValue `prefix` is nothing
   */
  static toHex(id: CycleId, prefix: '' | '0x' = ''): string {
    return requireOneOf('prefix', prefix, ['', '0x']) + cycleIdToHex(id)
  }

  /**
   * Writes an id as 16 bytes, or as 29 if the address is IPv6.
   *
   * @param id - In any of its forms.
   * @throws TypeError If `id` has the wrong type.
   * @throws RangeError If it is no cycle id.
   */
  static toBytes(id: CycleId): Uint8Array {
    return cycleIdToBytes(id)
  }

  /**
   * Reads an id: digits in either case, with `0x` or without, also where zeros in front were left out.
   *
   * @param id - In any of its forms.
   * @throws TypeError If `id` has the wrong type or is no hexadecimal number.
   * @throws RangeError If it is no cycle id.
   */
  static toBigInt(id: CycleId): bigint {
    return cycleIdToBigInt(id)
  }

  /**
   * Takes an id apart.
   *
   * @param id - In any of its forms.
   * @throws TypeError If `id` has the wrong type or is no hexadecimal number.
   * @throws RangeError If it is no cycle id.
   */
  static parse(id: CycleId): CycleIdParts {
    return parseCycleId(id)
  }

  readonly #node: CycleIdEvents['wrap']
  readonly #refusesAtEnd: boolean
  readonly #events = new Emitter<CycleIdEvents>()
  readonly #queue = new LinkedList<Waiter<bigint>>()
  readonly #waitable: Waitable<bigint>
  /** How many were counted, never going back: the counter of the next id is its low 80 bits. */
  #count: bigint
  /** Where the next id needs a closer look: the counter wraps, or what is reserved gets low or ends. */
  #edge = 0n
  /** Where the counter wraps next. */
  #cycleEnd: bigint
  /** What makes an id of a count: the id of counter 0, less what was counted in earlier cycles. */
  #base: bigint
  #reservation: Reservation | undefined

  /**
   * @param options - Whose ids they are.
   * @throws TypeError If an option has the wrong type, or `address` is no address.
   * @throws RangeError If `port` or `start` is out of range, or the clock says no finite time.
   */
  constructor(options: CycleIdOptions) {
    requireObject('options', options)
    const { address, port, atEnd = 'wrap', clock = systemClock, start } = options
    this.#base = firstCycleId(address, port)
    this.#node = { address, port }
    requireClock('clock', clock)
    this.#refusesAtEnd = requireOneOf('atEnd', atEnd, ['wrap', 'refuse']) === 'refuse'
    this.#count =
      start === undefined ? timeCount(clock) : requireBigInt('start', start, 0n, COUNTERS - 1n)
    this.#cycleEnd = COUNTERS
    this.#edge = COUNTERS
    this.#waitable = {
      action: 'give the next id',
      clock,
      refusal: () => this.#spent(),
      tryNow: () => this.#tryNow(),
      queueOf: () => this.#queue,
    }
  }

  /**
   * The next id. With a mark, a block is stored in time as long as half of one lasts longer than that takes.
   *
   * @throws {@link FullError} If the next block is not stored yet: {@link acquire} waits for it. Or if all
   *   counters are used and `atEnd` is `'refuse'`.
   * @throws {@link BrokenError} If it could not be stored, with the reason as the `cause`. The next call
   *   tries again.
   */
  next(): bigint {
    return this.#count < this.#edge ? this.#base + this.#count++ : this.#nextAtEdge()
  }

  /**
   * The next id, as soon as it is reserved: in the order of the calls.
   *
   * Cancellation: whoever gives up takes no id.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws {@link FullError} If all counters are used and `atEnd` is `'refuse'`.
   * @throws {@link BrokenError} If the next block could not be stored.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(options?: WaitOptions): Promise<bigint> {
    return wait(this.#waitable, options, undefined)
  }

  /**
   * Calls `listener` at each event of that name.
   *
   * @param name - The event.
   * @param listener - Called synchronously.
   * @returns Ends the listening when disposed.
   * @throws TypeError If `listener` is not a function.
   */
  on<Name extends keyof CycleIdEvents>(
    name: Name,
    listener: (event: CycleIdEvents[Name]) => void,
  ): Disposable {
    return this.#events.on(name, listener)
  }

  /** The slow path: may throw. */
  #nextAtEdge(): bigint {
    const spent = this.#spent()
    if (spent !== undefined) throw spent
    const failure = this.#reservation?.failure
    this.#reserveInTime()
    if (!this.#isReady()) throw failure ?? notStoredYet()
    const wraps = this.#count === this.#cycleEnd
    if (wraps) {
      this.#cycleEnd += COUNTERS
      this.#base -= COUNTERS
    }
    this.#edge = this.#nextEdge()
    const id = this.#base + this.#count++
    // Last, as a listener may want ids as well: it must not get this one, nor take what this one needs.
    if (wraps) this.#events.emit('wrap', this.#node)
    return id
  }

  #tryNow(): bigint | typeof NOT_YET {
    if (this.#queue.size === 0 && this.#isReady()) return this.next()
    this.#reserveInTime()
    return NOT_YET
  }

  /** There is more, or there will not be: those who wait learn of it. */
  #serve(): void {
    for (let waiter = firstWilling(this.#queue); waiter; waiter = firstWilling(this.#queue)) {
      const refusal = this.#spent() ?? this.#reservation?.failure
      if (refusal !== undefined) waiter.reject(refusal)
      else if (this.#isReady()) waiter.resolve(this.next())
      else return this.#reserveInTime()
    }
  }

  #spent(): FullError | undefined {
    if (!this.#refusesAtEnd || this.#count < this.#cycleEnd) return undefined
    return new FullError('give the next id', `all ${COUNTERS} counters are used`, undefined)
  }

  #isReady(): boolean {
    return this.#reservation === undefined || this.#count < this.#reservation.end
  }

  #reserveInTime(): void {
    const reservation = this.#reservation
    if (reservation === undefined || this.#count < reservation.lowWater) return
    void reservation.extend()
  }

  /**
   * The nearest count from the present one on that needs a closer look, itself excepted. Below the low water
   * that is wherever half of what was left is used: what could not be stored is tried again there, long
   * before somebody has to hear of it.
   */
  #nextEdge(): bigint {
    const { lowWater, end } = this.#reservation ?? { lowWater: this.#cycleEnd, end: this.#cycleEnd }
    const half = (this.#count + end + 1n) / 2n
    const edge = this.#count < lowWater ? lowWater : half
    return edge < this.#cycleEnd ? edge : this.#cycleEnd
  }

  async #reserveFrom(mark: HighWaterMark, block: bigint): Promise<void> {
    const stored = await mark.read()
    if (stored !== undefined) this.#moveTo(requireStored(stored))
    const reservation = new Reservation(mark, block, this.#count, () => this.#serve())
    await reservation.extend()
    if (reservation.failure !== undefined) throw reservation.failure
    this.#reservation = reservation
    this.#edge = this.#nextEdge()
  }

  /** A stored count may have been through some cycles, where there is more than one. */
  #moveTo(count: bigint): void {
    this.#count = count
    if (this.#refusesAtEnd) return
    const cycles = count / COUNTERS
    this.#base -= cycles * COUNTERS
    this.#cycleEnd = (cycles + 1n) * COUNTERS
  }
}

function notStoredYet(): FullError<undefined> {
  const problem = 'all reserved ids are given out, and the next ones are being stored'
  return new FullError('give the next id', problem, undefined)
}

/** The low bits of it, if the clock is beyond the year 10889: it counts something else, then. */
function timeCount(clock: Clock): bigint {
  const wall = Math.max(0, Math.floor(clock.wall()))
  if (Number.isFinite(wall)) return BigInt.asUintN(80, BigInt(wall) << 32n)
  throw new RangeError(`Cannot use clock: wall() gave ${wall}, expected milliseconds since 1970`)
}

/** Marks are other people's code. A count that went back, or none, would repeat ids. */
function requireStored(stored: bigint): bigint {
  if (typeof stored === 'bigint' && stored >= 0n) return stored
  throw new TypeError(
    `Cannot use mark: read() gave ${String(stored)}, expected a bigint from 0 up, or undefined`,
  )
}

function requireMark(mark: HighWaterMark): void {
  requireObject('mark', mark)
  for (const method of ['read', 'reserve'] as const) {
    if (typeof mark[method] === 'function') continue
    throw new TypeError(`Cannot use mark: it has no ${method}(), expected a HighWaterMark`)
  }
}
