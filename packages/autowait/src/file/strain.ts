/** How much of its time a process may spend on being told, in milliseconds of each window. */
const BUDGET_MS = 200
const WINDOW_MS = 1000

/** What a sign costs at least: the reading of an empty folder. */
const LEAST_COST_MS = 4

/**
 * Tells when being told of changes costs more than looking by oneself. At each sign chokidar reads the
 * folder and looks at each file in it, so one busy file among thousands takes a whole core.
 */
export class Strain {
  readonly #mostSigns: number
  #signs = 0
  #windowEnd = 0

  /** @param readingMs - How long it takes to read one of the folders. */
  constructor(readingMs: number) {
    this.#mostSigns = Math.max(1, BUDGET_MS / Math.max(readingMs, LEAST_COST_MS))
  }

  /** Counts a sign, and says whether that is too many. */
  sign(now: number): boolean {
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS
      this.#signs = 0
    }
    return ++this.#signs > this.#mostSigns
  }
}
