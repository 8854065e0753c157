import { randomFillSync } from 'node:crypto'
import { reseedCount } from './process-memory.ts'

/** Fills an array with random bytes, as `crypto.randomFillSync` does. */
export type FillRandom = (target: Uint8Array) => void

/** Random bytes that cannot be guessed. */
export const systemRandom: FillRandom = (target) => {
  randomFillSync(target)
}

/**
 * Random bytes drawn ahead: the call to the generator is what costs, not the bytes. Whatever is in here a
 * copy of the machine has as well, hence {@link isStale}.
 */
export class EntropyPool {
  readonly #fill: FillRandom
  readonly #bytes: Buffer
  readonly #reseeds = reseedCount()
  #seenReseeds: number
  /** Where the next bytes are; those before it were given out. */
  #next: number
  /** All of `#bytes`, once somebody wants text. */
  #hex: string | undefined

  /**
   * @param fill - Where the bytes come from.
   * @param size - How many are drawn at a time, and may be taken at once.
   */
  constructor(fill: FillRandom, size: number) {
    this.#fill = fill
    this.#bytes = Buffer.alloc(size)
    this.#next = size
    this.#seenReseeds = Atomics.load(this.#reseeds, 0)
  }

  /** Whether there was a reseed since {@link refresh}: asked before each id. */
  get isStale(): boolean {
    return Atomics.load(this.#reseeds, 0) !== this.#seenReseeds
  }

  /** Throws away what was drawn, and draws anew. If that throws, the pool is as stale as before. */
  refresh(): void {
    const reseeds = Atomics.load(this.#reseeds, 0)
    this.#draw()
    this.#seenReseeds = reseeds
  }

  /** So many bytes: a view that is good until the next call. */
  bytes(count: number): Uint8Array {
    const begin = this.#take(count)
    return this.#bytes.subarray(begin, begin + count)
  }

  /** So many bytes, as two digits for each. */
  hex(count: number): string {
    const begin = this.#take(count)
    this.#hex ??= this.#bytes.toString('hex')
    return this.#hex.slice(begin * 2, (begin + count) * 2)
  }

  /** 32 random bits. */
  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  #take(count: number): number {
    if (this.#next + count > this.#bytes.length) this.#draw()
    const begin = this.#next
    this.#next = begin + count
    return begin
  }

  #draw(): void {
    this.#fill(this.#bytes)
    this.#hex = undefined
    this.#next = 0
  }
}
