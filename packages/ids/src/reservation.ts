import { BrokenError } from '@cupola/core'
import type { HighWaterMark } from './high-water-mark.ts'

/**
 * The part of a count that may be used: what is below the stored mark. The next block is stored while the
 * last one is used, so that whoever counts does not wait for the disk.
 */
export class Reservation {
  readonly #mark: HighWaterMark
  readonly #block: bigint
  readonly #onChange: () => void
  #end: bigint
  #storing = false
  #failure: BrokenError | undefined

  /** @param onChange - Called when there is more, or will not be for now. */
  constructor(mark: HighWaterMark, block: bigint, begin: bigint, onChange: () => void) {
    this.#mark = mark
    this.#block = block
    this.#end = begin
    this.#onChange = onChange
  }

  /** The first that may not be used. */
  get end(): bigint {
    return this.#end
  }

  /** From where on the next block is wanted. */
  get lowWater(): bigint {
    return this.#end - this.#block / 2n
  }

  /** Why there is no more, if it could not be stored and is not being tried again. */
  get failure(): BrokenError | undefined {
    return this.#failure
  }

  /** Has the next block stored, unless that is under way. Never rejects: see {@link failure}. */
  async extend(): Promise<void> {
    if (this.#storing) return
    this.#storing = true
    this.#failure = undefined
    const end = this.#end + this.#block
    try {
      // Later, also if it throws at once: whoever asked must have got into the queue by then.
      await Promise.resolve().then(() => this.#mark.reserve(end))
      this.#end = end
    } catch (cause) {
      const problem = 'the mark below which they are reserved could not be stored'
      this.#failure = new BrokenError('reserve more ids', problem, { cause })
    }
    this.#storing = false
    this.#onChange()
  }
}
