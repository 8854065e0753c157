import { Deferred } from '@cupola/core/authoring'

/** How an accepted call ended, for the counts. */
export type CallOutcome = 'completed' | 'failed' | 'cancelled'

/** Longer than any program runs, and the longest that one `setInterval` keeps. */
const FOREVER_MS = 2 ** 31 - 1

/**
 * Counts what a pool has taken on and what became of it, and keeps the process alive for as long as
 * something is open: the threads themselves never do.
 */
export class Ledger {
  readonly #counts = { completed: 0, failed: 0, cancelled: 0 }
  readonly #onEmpty: () => void
  #open = 0
  #hold: NodeJS.Timeout | undefined
  #emptied: Deferred<void> | undefined

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  /** How many calls are accepted and not settled. */
  get open(): number {
    return this.#open
  }

  /** How the settled calls ended. */
  get counts(): Readonly<Record<CallOutcome, number>> {
    return this.#counts
  }

  /** A call is accepted. */
  accept(): void {
    if (this.#open++ > 0) return
    if (this.#hold === undefined) this.#hold = setInterval(() => {}, FOREVER_MS)
    else this.#hold.ref()
  }

  /** A call has settled. */
  settle(outcome: CallOutcome): void {
    this.#counts[outcome]++
    if (--this.#open > 0) return
    this.#hold?.unref()
    this.#emptied?.resolve()
    this.#emptied = undefined
    this.#onEmpty()
  }

  /** Resolves when no call is open, at once if none is. */
  whenEmpty(): Promise<void> {
    if (this.#open === 0) return Promise.resolve()
    this.#emptied ??= new Deferred()
    return this.#emptied.promise
  }

  /** Gives the process back. Nothing may be accepted afterwards. */
  close(): void {
    clearInterval(this.#hold)
  }
}
