import type { TailLine } from './line-splitter.ts'

/**
 * Tells when lines without an end may be taken for whole ones: when nothing was added to them for a
 * while. `echo -n ready > file` would otherwise never be seen.
 */
export class UnfinishedLines {
  readonly #quietMs: number
  /** Since when each line has been as it is. */
  #states = new Map<string, State>()
  /** Those that were taken, so that their other halves do not count as others. */
  readonly #taken = new Set<string>()

  constructor(quietMs: number) {
    this.#quietMs = quietMs
  }

  /** Whether a line is one that was taken before it had an end. */
  isTaken(line: TailLine): boolean {
    return this.#taken.has(placeOf(line))
  }

  /** Counts a line as a match. */
  take(line: TailLine): void {
    this.#taken.add(placeOf(line))
  }

  /** Takes the lines as they are now, and gives those that have been quiet, each once in each state. */
  observe(lines: readonly TailLine[], now: number): TailLine[] {
    const before = this.#states
    this.#states = new Map(
      lines.map((line) => {
        const state = before.get(placeOf(line))
        const isSame = state?.text === line.text
        return [placeOf(line), isSame ? state : { text: line.text, since: now, isGiven: false }]
      }),
    )
    return lines.filter((line) => !this.isTaken(line) && this.#give(placeOf(line), now))
  }

  /** How long it takes until the next of them has been quiet. */
  missingMs(now: number): number {
    const waiting = [...this.#states].filter(([place]) => !this.#taken.has(place))
    return Math.min(...waiting.map(([, state]) => this.#missingMsOf(state, now)))
  }

  #give(place: string, now: number): boolean {
    const state = this.#states.get(place)
    if (state === undefined || this.#missingMsOf(state, now) > 0) return false
    state.isGiven = true
    return true
  }

  #missingMsOf({ since, isGiven }: State, now: number): number {
    return isGiven ? Infinity : since + this.#quietMs - now
  }
}

/** A line that has no end yet, as it was when it was last looked at. */
interface State {
  readonly text: string
  readonly since: number
  /** Whether it was given out in this state, so that nobody is asked twice about the same. */
  isGiven: boolean
}

function placeOf({ generation, offset }: TailLine): string {
  return `${generation}:${offset}`
}
