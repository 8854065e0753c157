import { requireFunction, requireInteger, requireObject } from '@cupola/core/authoring'
import { reseedCount } from './process-memory.ts'

/** How many ids are made ahead. */
export interface CachedIdsOptions {
  /**
   * The most that are kept.
   *
   * @defaultValue 100
   */
  readonly capacity?: number | undefined
  /**
   * More are made when fewer than that are left; at most `capacity`.
   *
   * @defaultValue half of `capacity`
   */
  readonly lowWater?: number | undefined
  /**
   * How many are made in one turn of the event loop.
   *
   * @defaultValue 50
   */
  readonly batch?: number | undefined
}

/**
 * Ids made ahead by any generator, while there is nothing else to do: for one that is slow where an id is
 * needed at once. When none is left, one is made on the spot.
 *
 * They are made in the turns of the event loop that follow a call, so many in each. What is to be made does
 * not keep the process alive. A `reseed()` throws away what was made before it.
 *
 * @example Ids that take their time
 * ```ts
 * import { createHash, randomBytes } from 'node:crypto'
 * import { CachedIds } from '@cupola/ids'
 *
 * const slow = () => createHash('sha512').update(randomBytes(65_536)).digest('hex')
 * const ids = new CachedIds(slow)
 * ids.fill()
 * ids.size // => 100
 * ids.next().length // => 128
 * ids.take(3).length // => 3
 * ```
 */
export class CachedIds<Id> {
  readonly #make: () => Id
  readonly #capacity: number
  readonly #lowWater: number
  readonly #batch: number
  readonly #reseeds = reseedCount()
  #seenReseeds: number
  /** In the order they were made; those before `#first` were given out. */
  #ids: Id[] = []
  #first = 0
  /** Whether a turn of the event loop is asked for. */
  #refilling = false

  /**
   * @param make - Makes an id, at once. Not the promise of one: if that rejects before somebody has it, Node
   *   ends the process.
   * @param options - How many are made ahead.
   * @throws TypeError If `make` is not a function or an option has the wrong type.
   * @throws RangeError If an option is out of range.
   */
  constructor(make: () => Id, options: CachedIdsOptions = {}) {
    requireFunction('make', make)
    requireObject('options', options)
    const { capacity = 100, batch = 50 } = options
    this.#make = make
    this.#capacity = requireInteger('capacity', capacity, 1, 2 ** 24)
    const { lowWater = Math.ceil(capacity / 2) } = options
    this.#lowWater = requireInteger('lowWater', lowWater, 0, capacity)
    this.#batch = requireInteger('batch', batch, 1, 2 ** 24)
    this.#seenReseeds = Atomics.load(this.#reseeds, 0)
  }

  /** How many are there now. */
  get size(): number {
    return this.#isStale ? 0 : this.#ids.length - this.#first
  }

  /**
   * The oldest id that is there, or a new one. More are made soon if few are left.
   *
   * @throws What `make` throws, if none is there. What it throws while it makes ids ahead ends that until
   *   the next call, and is not told.
   */
  next(): Id {
    if (this.#isStale) this.#forget()
    if (this.size <= this.#lowWater) this.#refillSoon()
    if (this.#first === this.#ids.length) return this.#make()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is one: the line before has looked
    return this.#ids[this.#first++] as Id
  }

  /**
   * So many ids, as {@link next} would give them.
   *
   * @param count - From 0 up to 2²⁴.
   * @throws TypeError If `count` is not a number.
   * @throws RangeError If it is out of range.
   * @throws What `make` throws; those that were there are lost then.
   */
  take(count: number): Id[] {
    requireInteger('count', count, 0, 2 ** 24)
    return Array.from({ length: count }, () => this.next())
  }

  /**
   * Makes as many as there is room for, now.
   *
   * @throws What `make` throws; those made before are kept.
   */
  fill(): void {
    if (this.#isStale) this.#forget()
    this.#makeUpTo(this.#capacity)
  }

  get #isStale(): boolean {
    return Atomics.load(this.#reseeds, 0) !== this.#seenReseeds
  }

  /** A copy of the machine has the same ids here. */
  #forget(): void {
    this.#seenReseeds = Atomics.load(this.#reseeds, 0)
    this.#ids = []
    this.#first = 0
  }

  #refillSoon(): void {
    if (this.#refilling) return
    this.#refilling = true
    setImmediate(() => this.#refillSome()).unref()
  }

  #refillSome(): void {
    this.#refilling = false
    if (this.#isStale) this.#forget()
    try {
      this.#makeUpTo(Math.min(this.#capacity, this.size + this.#batch))
    } catch {
      // Whoever next finds the cache empty calls `make`, and hears of it.
      return
    }
    if (this.size < this.#capacity) this.#refillSoon()
  }

  #makeUpTo(size: number): void {
    this.#ids = this.#ids.slice(this.#first)
    this.#first = 0
    while (this.#ids.length < size) this.#ids.push(this.#make())
  }
}
