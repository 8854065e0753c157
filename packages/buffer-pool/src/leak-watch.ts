import type { Loan } from './loan.ts'

/** A buffer that nobody can release any more, because nobody has it. */
export interface LeakReport {
  /** The `id` of the buffer. */
  readonly bufferId: number
  /** The tag it was allocated with. */
  readonly tag: string | undefined
  /** How many blocks it has. */
  readonly blocks: number
  /** Where it was allocated; with `leaks: 'all'` alone, because to find that out takes microseconds. */
  readonly stack: string | undefined
}

/** Which buffers are watched. */
export type LeakMode = 'off' | 'sampled' | 'all'

/** One of so many is watched if not all are; the figure is that of Netty's leak detector. */
const SAMPLE = 128

/** A loan that can be watched. */
export interface WatchedLoan extends Loan {
  isWatched: boolean
  /** Where it began, if that is noted. */
  readonly origin: Error | undefined
}

/** Notices when a buffer is collected as garbage that was not released. */
export class LeakWatch<L extends WatchedLoan> {
  readonly #mode: LeakMode
  readonly #interval: number
  readonly #lost: FinalizationRegistry<L>
  #unwatched = 0

  /** @param onLost - Called some time after the buffer was collected. */
  constructor(mode: LeakMode, onLost: (loan: L) => void) {
    this.#mode = mode
    this.#interval = mode === 'all' ? 1 : mode === 'sampled' ? SAMPLE : Infinity
    this.#lost = new FinalizationRegistry(onLost)
  }

  /** Where we are, if that is noted. Its stack is made into text only if somebody reads it. */
  here(): Error | undefined {
    return this.#mode === 'all' ? new Error('It was allocated here') : undefined
  }

  watch(buffer: object, loan: L): void {
    if (++this.#unwatched < this.#interval) return
    this.#unwatched = 0
    loan.isWatched = true
    this.#lost.register(buffer, loan, loan)
  }

  forget(loan: L): void {
    if (loan.isWatched) this.#lost.unregister(loan)
  }
}

export function leakReport({ id, tag, blocks, origin }: WatchedLoan): LeakReport {
  return { bufferId: id, tag, blocks: blocks.length, stack: origin?.stack }
}
