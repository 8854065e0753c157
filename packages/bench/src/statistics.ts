/** What several rounds of one measurement gave. */
export interface Spread {
  readonly median: number
  /** The least of the rounds. */
  readonly low: number
  /** The greatest of the rounds. */
  readonly high: number
  /** All of them, in the order in which they were measured. */
  readonly rounds: readonly number[]
}

/** Sums up rounds; all is `NaN` if there are none. */
export function spreadOf(rounds: readonly number[]): Spread {
  const sorted = rounds.toSorted((one, other) => one - other)
  return {
    median: middleOf(sorted),
    low: sorted[0] ?? Number.NaN,
    high: sorted.at(-1) ?? Number.NaN,
    rounds,
  }
}

/** Of an even number of values, the mean of the two in the middle. */
function middleOf(sorted: readonly number[]): number {
  const above = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const below = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (above + below) / 2
}

/** Whether every round of one is above every round of the other. */
export function isClearlyAbove(one: Spread, other: Spread): boolean {
  return one.low > other.high
}
