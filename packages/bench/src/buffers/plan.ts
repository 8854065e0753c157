import { availableParallelism, totalmem } from 'node:os'
import type { RunOptions } from '../comparison.ts'
import { countText, sizeText } from '../figures.ts'
import { turnOrder } from '../turn-order.ts'
import type { Cell, Lives, Timing } from './cell.ts'
import { contestantsFor } from './lenders.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** As close to the blocks that most pools have as there is. */
const USUAL_BYTES = 132 * KIB
/** What a laptop has to spare, with room for as much garbage. */
const MOST_ALIVE_BYTES = 256 * MIB

/** What is measured, and how often. */
export interface Plan {
  /** Of the main setting. */
  readonly sizes: readonly number[]
  readonly others: readonly Setting[]
  /** Of the other settings. */
  readonly otherSizes: readonly number[]
  readonly rounds: number
  readonly timing: Timing
  /** When there are enough rounds to judge by, no more turns begin after so long. */
  readonly budgetMs: number
}

/** How buffers are used, whatever their size. */
export interface Setting {
  /** The most that are alive in a thread; fewer if they were too large together. */
  readonly alive: number
  readonly lives: Lives
  readonly threads: number
}

/** One size in one setting, which all contestants meet in turn. */
export interface Workload extends Setting {
  readonly sizeBytes: number
  readonly setting: Setting
}

/** The setting that the answer is about. */
export const MAIN: Setting = { alive: 64, lives: 'equal', threads: 1 }

/** What to measure, by the options. */
export function planOf({ effort = 'usual', sizes: wanted, rounds }: RunOptions): Plan {
  const sizes = wanted === undefined ? DEFAULT_SIZES[effort] : distinct(wanted)
  const { [effort]: plan } = {
    quick: {
      others: [],
      rounds: 3,
      timing: { warmUpMs: 20, measureMs: 30 },
      // Leaves a busy machine some time for the turn that has begun.
      budgetMs: 25_000,
    },
    usual: {
      others: otherSettings().filter(({ alive }) => alive > 1),
      rounds: 5,
      timing: { warmUpMs: 30, measureMs: 50 },
      budgetMs: 115_000,
    },
    thorough: {
      others: otherSettings(),
      rounds: 5,
      timing: { warmUpMs: 80, measureMs: 120 },
      budgetMs: Infinity,
    },
  }
  const otherSizes = effort === 'thorough' ? sizes : [mostUsual(sizes)]
  return { ...plan, sizes, otherSizes, rounds: rounds ?? plan.rounds }
}

const DEFAULT_SIZES = {
  quick: [4, 132, 1024].map((kib) => kib * KIB),
  usual: [1, 4, 16, 64, 132, 1024, 4096].map((kib) => kib * KIB),
  thorough: [1, 4, 16, 64, 132, 1024, 4096].map((kib) => kib * KIB),
} as const

function distinct(sizes: readonly number[]): readonly number[] {
  return [...new Set(sizes)].sort((one, other) => one - other)
}

/** The size that is closest to what most buffers are about. */
export function mostUsual(sizes: readonly number[]): number {
  const distance = (size: number) => Math.abs(Math.log(size / USUAL_BYTES))
  return sizes.reduce((best, size) => (distance(size) < distance(best) ? size : best), Infinity)
}

function otherSettings(): readonly Setting[] {
  const threads = Math.min(availableParallelism(), 4)
  return [
    { ...MAIN, alive: 1 },
    { ...MAIN, alive: 512 },
    { ...MAIN, lives: 'mixed' },
    ...(threads > 1 ? [{ ...MAIN, threads }] : []),
  ]
}

/** Every size of every setting, the main one first. */
export function workloadsOf({ sizes, others, otherSizes }: Plan): readonly Workload[] {
  return [
    ...sizes.map((sizeBytes) => workloadOf(MAIN, sizeBytes)),
    ...others.flatMap((setting) => otherSizes.map((sizeBytes) => workloadOf(setting, sizeBytes))),
  ]
}

/** All that are alive have to fit into memory, with room for garbage. */
function workloadOf(setting: Setting, sizeBytes: number): Workload {
  // A container may have less than the machine; without a limit, this is more than any machine has.
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  const most = Math.min(MOST_ALIVE_BYTES, memory / 16)
  const fitting = Math.floor(most / sizeBytes / setting.threads)
  return { ...setting, alive: Math.max(1, Math.min(setting.alive, fitting)), sizeBytes, setting }
}

/** The cells of a workload, each time in another order. */
export function cellsOf(
  { sizeBytes, alive, lives, threads }: Workload,
  { timing }: Plan,
  round: number,
): readonly Cell[] {
  const names = contestantsFor(sizeBytes)
  return turnOrder(names, round).map((contestant): Cell => ({
    contestant,
    sizeBytes,
    alive,
    lives,
    threads,
    timing,
  }))
}

/** `64 alive, equal lives, 1 thread`. */
export function settingText({ alive, lives, threads }: Setting): string {
  return `${alive} alive, ${lives} lives, ${countText(threads, 'thread')}`
}

/** `132 KiB, 64 alive, equal lives, 1 thread`. */
export function workloadText(workload: Workload): string {
  return `${sizeText(workload.sizeBytes)}, ${settingText(workload)}`
}

/** What it has that the main setting does not: `132 KiB`, `132 KiB, 512 alive`. */
export function shortWorkloadText({ sizeBytes, setting }: Workload): string {
  const { alive, lives, threads } = setting
  return [
    sizeText(sizeBytes),
    ...(alive === MAIN.alive ? [] : [`${alive} alive`]),
    ...(lives === MAIN.lives ? [] : [`${lives} lives`]),
    ...(threads === MAIN.threads ? [] : [`${threads} threads`]),
  ].join(', ')
}
