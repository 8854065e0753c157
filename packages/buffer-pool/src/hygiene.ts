import type { SlabBlock } from './block-store.ts'
import type { Settings } from './buffer-pool-options.ts'
import type { Loan } from './loan.ts'
import { UseAfterReleaseError } from './misuse-errors.ts'

/** When blocks may be overwritten with zeros. */
export const ZERO_MODES = ['never', 'take', 'release'] as const
/** When they are. */
export type ZeroMode = (typeof ZERO_MODES)[number]

/** What is done so that the use of a view after the release is noticed. */
export type GuardMode = 'off' | 'poison' | 'detach'

/** Somebody wrote through a view of a buffer after it had been released. */
export interface LateWriteReport {
  /** The `id` of the buffer. */
  readonly bufferId: number
  /** The tag it was allocated with. */
  readonly tag: string | undefined
  /** Where in its block the first wrong byte is. */
  readonly offset: number
  /** Where it was released. */
  readonly releasedAt: Error | undefined
}

/** What is done to blocks between two owners. */
export interface Hygiene {
  /** Before somebody gets it. */
  prepare(block: SlabBlock): void
  /** After somebody has given it back. */
  cleanUp(block: SlabBlock, loan: Loan, releasedAt: Error | undefined): void
}

/** What a pool of those settings does; `undefined` if it does nothing. */
export function hygieneOf({ guard, zero, blockSize, onLateWrite }: Settings): Hygiene | undefined {
  if (guard === 'detach') return new Detaching(blockSize)
  if (guard === 'poison') {
    return new Poisoning(blockSize, zero !== 'never', onLateWrite ?? throwUncaught)
  }
  if (zero === 'never') return undefined
  return zero === 'take' ? zeroOnTake : zeroOnRelease
}

function throwUncaught({ bufferId, offset, releasedAt }: LateWriteReport): void {
  const action = `write to byte ${offset} of a block of`
  throw new UseAfterReleaseError(action, bufferId, { cause: releasedAt })
}

/** Zeros for the next owner, when he comes. */
const zeroOnTake: Hygiene = {
  prepare(block) {
    if (!block.isFresh) block.bytes.fill(0)
    block.isFresh = false
  },
  cleanUp() {},
}

/** Zeros at once: nothing secret stays in memory that lies idle. */
const zeroOnRelease: Hygiene = {
  prepare() {},
  cleanUp({ bytes }) {
    bytes.fill(0)
  },
}

/** Takes the memory away from whoever still has a view of it, which has length 0 from then on. */
class Detaching implements Hygiene {
  readonly #blockSize: number

  constructor(blockSize: number) {
    this.#blockSize = blockSize
  }

  prepare(block: SlabBlock): void {
    if (block.bytes.length === 0) block.bytes = Buffer.from(new ArrayBuffer(this.#blockSize))
  }

  cleanUp({ bytes }: SlabBlock): void {
    const memory = bytes.buffer
    // Unless the owner has sent it away himself.
    if (bytes.length > 0 && memory instanceof ArrayBuffer)
      structuredClone(memory, { transfer: [memory] })
  }
}

/** Rare in text, in numbers and in zeros, and not a valid beginning of UTF-8 either. */
const POISON = 0xdb

/** Leaves a pattern behind, and looks whether it is still there when the block is lent again. */
class Poisoning implements Hygiene {
  readonly #pattern: Buffer
  readonly #zero: boolean
  readonly #report: (report: LateWriteReport) => void
  readonly #lastOwners = new WeakMap<SlabBlock, Omit<LateWriteReport, 'offset'>>()

  /**
   * @param zero - Whether the next owner is to get zeros, not the pattern.
   * @param report - Called for each block that was written to.
   */
  constructor(blockSize: number, zero: boolean, report: (report: LateWriteReport) => void) {
    this.#pattern = Buffer.alloc(blockSize, POISON)
    this.#zero = zero
    this.#report = report
  }

  prepare(block: SlabBlock): void {
    const { bytes } = block
    const lastOwner = this.#lastOwners.get(block)
    if (lastOwner !== undefined && !bytes.equals(this.#pattern)) {
      const offset = bytes.findIndex((byte) => byte !== POISON)
      // Later, because whoever hears of it may do anything.
      queueMicrotask(() => this.#report({ ...lastOwner, offset }))
    }
    if (this.#zero && lastOwner !== undefined) bytes.fill(0)
  }

  cleanUp(block: SlabBlock, { id, tag }: Loan, releasedAt: Error | undefined): void {
    block.bytes.fill(POISON)
    this.#lastOwners.set(block, { bufferId: id, tag, releasedAt })
  }
}
