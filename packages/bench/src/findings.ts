import type { Spread } from './statistics.ts'

/** What a comparison found out. All of it is plain data. */
export interface Findings {
  readonly comparison: string
  readonly question: string
  /** What it comes to, in whole sentences: the first says it all, the others say more. */
  readonly answer: readonly string[]
  /** What it comes to as a table, where that says more than sentences. */
  readonly summary?: Table | undefined
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
  /** Every figure, with all of its rounds. */
  readonly measurements: readonly Measurement[]
  /** Who could not be measured, and what to do about it. */
  readonly missing: readonly string[]
  /** Who failed the contract that comes before the measuring, and how. */
  readonly failures: readonly string[]
  /** What has to be known to read the figures. */
  readonly notes: readonly string[]
  /** How it was measured, by names that end in the unit. */
  readonly settings: Settings
  /** Whether all was measured that was to be: not if it was interrupted. */
  readonly complete: boolean
}

/** What was chosen, not measured. */
export type Settings = Readonly<Record<string, string | number>>

/** Text in rows and columns. The first column names the row. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Lines over two numeric axes, or bars. */
export interface Plot {
  readonly title: string
  /** What is to be seen, in a sentence. */
  readonly caption: string
  readonly kind: 'lines' | 'bars'
  readonly x: Axis
  readonly y: Axis
  /** A series of `bars` has one point each, whose `x` does not matter. */
  readonly series: readonly Series[]
}

/** What an axis counts. */
export interface Axis {
  readonly label: string
  readonly scale: 'linear' | 'logarithmic'
  /** Names for the values that there are; other values are written as numbers. */
  readonly names?: Readonly<Record<string, string>>
}

/** One contestant in a plot. */
export interface Series {
  readonly name: string
  /** `ours` is what the question is about; `floor` is what the loop costs by itself. */
  readonly role: 'ours' | 'rival' | 'floor'
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** The figures of one contestant in one workload. */
export interface Measurement {
  readonly contestant: string
  readonly workload: string
  /** What the workload is, for those who do not want to read its name. */
  readonly settings: Settings
  /** By a name that ends in the unit. */
  readonly figures: Readonly<Record<string, Spread>>
}
