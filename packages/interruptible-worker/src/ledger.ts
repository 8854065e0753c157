import { Deferred } from '@cupola/core/authoring'

/** How an accepted call ended, for the counts. */
export type CallOutcome = 'completed' | 'failed' | 'cancelled' | 'dropped'

/** The longest that `setInterval` keeps. It does nothing, so it may as well repeat. */
const FOREVER_MS = 2 ** 31 - 1

/**
 * Counts what a pool has taken on and what became of it, and keeps the process alive for as long as
 * somebody waits for something: the threads themselves never do.
 */
export class Ledger {
  readonly #counts = { completed: 0, failed: 0, cancelled: 0, dropped: 0 }
  readonly #onSettled: () => void
  readonly #onEmpty: () => void
  #alive: NodeJS.Timeout | undefined
  #holders = 0
  #accepted = 0
  #open = 0
  #emptied: Deferred<void> | undefined

  /** @param onSettled - Called whenever a call has settled; may accept others. */
  constructor(onSettled: () => void, onEmpty: () => void) {
    this.#onSettled = onSettled
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

  /** A call is accepted. Returns its place among all of them. */
  accept(): number {
    this.hold()
    this.#open++
    return ++this.#accepted
  }

  /** A call has settled. */
  settle(outcome: CallOutcome): void {
    this.release()
    this.#counts[outcome]++
    this.#open--
    this.#onSettled()
    if (this.#open > 0) return
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

  /** Somebody waits: keeps the process alive until {@link release} was called as often. */
  hold(): void {
    if (this.#holders++ > 0) return
    this.#alive ??= setInterval(() => {}, FOREVER_MS)
    this.#alive.ref()
  }

  /** Undoes {@link hold}. */
  release(): void {
    if (--this.#holders === 0) this.#alive?.unref()
  }

  /** Leaves nothing behind, until something is held again. */
  close(): void {
    clearInterval(this.#alive)
    this.#alive = undefined
  }
}
