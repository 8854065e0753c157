import { availableParallelism, totalmem } from 'node:os'
import type { RunOptions } from '../comparison.ts'
import { sizeText } from '../figures.ts'
import type { Cell, Effort, Lives } from './cell.ts'
import { lenders } from './lenders.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Leaves a busy machine some time for the turn that has begun. */
const QUICK_MS = 27_000

/** What is measured, and how often. */
export interface Plan {
  readonly sizes: readonly number[]
  readonly settings: readonly Setting[]
  readonly rounds: number
  readonly effort: Effort
  /** When there is at least one round of everything, no more turns begin after so long. */
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

const OTHERS: readonly Setting[] = [
  { alive: 1, lives: 'equal', threads: 1 },
  { alive: 512, lives: 'equal', threads: 1 },
  { alive: 64, lives: 'mixed', threads: 1 },
]

/** What to measure, by the options. */
export function planOf({ quick = false, sizes, rounds }: RunOptions): Plan {
  const kib = (...counts: readonly number[]) => counts.map((count) => count * KIB)
  if (quick) {
    return {
      sizes: sizes ?? kib(4, 132, 1024),
      settings: [MAIN],
      rounds: rounds ?? 3,
      effort: { warmUpMs: 30, measureMs: 40 },
      budgetMs: QUICK_MS,
    }
  }
  const threads = Math.min(availableParallelism(), 4)
  return {
    sizes: sizes ?? kib(1, 4, 16, 64, 132, 1024, 4096),
    settings: [MAIN, ...OTHERS, ...(threads > 1 ? [{ ...MAIN, threads }] : [])],
    rounds: rounds ?? 5,
    effort: { warmUpMs: 80, measureMs: 120 },
    budgetMs: Infinity,
  }
}

/** Every size in every setting. */
export function workloadsOf({ sizes, settings }: Plan): readonly Workload[] {
  return settings.flatMap((setting) => sizes.map((sizeBytes) => workloadOf(setting, sizeBytes)))
}

/** All that are alive have to fit into memory, with room for garbage. */
function workloadOf(setting: Setting, sizeBytes: number): Workload {
  const most = Math.min(256 * MIB, totalmem() / 16)
  const fitting = Math.floor(most / sizeBytes / setting.threads)
  return { ...setting, alive: Math.max(1, Math.min(setting.alive, fitting)), sizeBytes, setting }
}

/** The cells of a workload, each time with another contestant in front. */
export function cellsOf(
  { sizeBytes, alive, lives, threads }: Workload,
  { effort }: Plan,
  round: number,
): readonly Cell[] {
  const names = Object.keys(lenders)
  const first = round % names.length
  return [...names.slice(first), ...names.slice(0, first)].map((contestant): Cell => ({
    contestant,
    sizeBytes,
    alive,
    lives,
    threads,
    effort,
  }))
}

/** `64 alive, equal lives, 1 thread`. */
export function settingText({ alive, lives, threads }: Setting): string {
  return `${alive} alive, ${lives} lives, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
}

/** `132 KiB, 64 alive, equal lives, 1 thread`. */
export function workloadText(workload: Workload): string {
  return `${sizeText(workload.sizeBytes)}, ${settingText(workload)}`
}
