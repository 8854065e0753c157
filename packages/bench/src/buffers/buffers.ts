import { BrokenError, type Clock, systemClock } from '@cupola/core'
import type { Comparison, RunOptions } from '../comparison.ts'
import type { Findings, Settings } from '../findings.ts'
import { requireRunOptions } from '../run-options.ts'
import { countText, sizeText } from '../figures.ts'
import { answerOf } from './answer.ts'
import type { Cell } from './cell.ts'
import { lenders } from './lenders.ts'
import { cellsOf, type Plan, planOf, type Workload, workloadsOf, workloadText } from './plan.ts'
import { plotsOf } from './plots.ts'
import { Results } from './results.ts'
import { type CellRunner, runCell } from './run-cell.ts'
import { tablesOf, verdictsTable } from './tables.ts'

/** Is a pool of buffers worth it on this machine, and for which sizes? */
export const buffers: Comparison = buffersWith(runCell)

/** The comparison with another way to measure a cell. */
export function buffersWith(run: CellRunner, clock: Clock = systemClock): Comparison {
  const about = {
    name: 'buffers',
    question: 'Is a pool of buffers worth it on this machine, and for which sizes?',
    contestants: Object.keys(lenders),
  }
  return {
    ...about,
    async run(options = {}): Promise<Findings> {
      requireRunOptions(options)
      const plan = planOf(options)
      const { results, failures, complete } = await measure(plan, { run, clock }, options)
      const { question, name: comparison } = about
      return {
        comparison,
        question,
        answer: answerOf(results),
        summary: verdictsTable(results),
        tables: tablesOf(results),
        plots: plotsOf(results),
        measurements: results.measurements(),
        missing: [],
        failures: [...failures].map(([what, problem]) => `${what}: ${problem}`),
        notes: notesOf(plan),
        settings: settingsOf(plan),
        complete,
      }
    },
  }
}

interface Turn {
  readonly workload: Workload
  readonly cell: Cell
}

/** In rounds, so that a machine that gets slower does so for all. */
function roundsOf(plan: Plan): readonly (readonly Turn[])[] {
  const workloads = workloadsOf(plan)
  return Array.from({ length: plan.rounds }, (_, round) =>
    workloads.flatMap((workload) =>
      cellsOf(workload, plan, round).map((cell) => ({ workload, cell })),
    ),
  )
}

/** So many rounds are enough to judge by; one proves nothing. */
const ENOUGH_ROUNDS = 2

async function measure(
  plan: Plan,
  { run, clock }: { readonly run: CellRunner; readonly clock: Clock },
  { signal, onProgress }: RunOptions,
): Promise<Measured> {
  const results = new Results()
  const failures = new Map<string, string>()
  const began = clock.now()
  const rounds = roundsOf(plan)
  const turns = rounds.flat()
  const enough = rounds.slice(0, ENOUGH_ROUNDS).flat().length
  for (const [done, { workload, cell }] of turns.entries()) {
    if (isOver(signal)) return { results, failures, complete: false }
    if (done >= enough && clock.now() - began >= plan.budgetMs) break
    const what = `${cell.contestant}, ${workloadText(workload)}`
    if (failures.has(what)) continue
    const affordable = affordableTurns(plan, done, clock.now() - began)
    onProgress?.({ done, all: Math.min(turns.length, Math.max(enough, affordable)), what })
    try {
      const answer = await run(cell, signal)
      if ('round' in answer) results.add(workload, cell.contestant, answer.round)
      else failures.set(what, answer.problem)
    } catch (error) {
      if (isOver(signal)) return { results, failures, complete: false }
      if (!(error instanceof BrokenError)) throw error
      // What was measured by then is not lost, and what fails once is not tried again.
      failures.set(what, error.message)
    }
  }
  return { results, failures, complete: true }
}

/** As many as fit into the budget if the others take as long as those that are done. */
function affordableTurns({ budgetMs }: Plan, done: number, tookMs: number): number {
  return done === 0 ? Infinity : Math.ceil((done / tookMs) * budgetMs)
}

interface Measured {
  readonly results: Results
  readonly failures: ReadonlyMap<string, string>
  readonly complete: boolean
}

/** As a function, because the compiler takes it for settled otherwise. */
function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function notesOf({ rounds, timing }: Plan): readonly string[] {
  return [
    `Each figure is the median of up to ${countText(rounds, 'round')}, the worst pause and the peak the worst of them. ` +
      `The contestants take turns, each in a process of its own, for twice ${timing.measureMs} ms after ` +
      `${timing.warmUpMs} ms to warm up.`,
    'An operation gives a buffer back, takes another and writes one byte in each of its pages of 4 KiB.',
    'A pause is the time of one such operation, whoever is to blame: the collector, the kernel, or ' +
      'another program. What the floor shows, nobody can help. The next operation begins when one has ' +
      'ended: who is called at fixed times has to wait for a long pause more often than p99 tells.',
    'Resident memory is that of the whole process, Node.js included; the end is when all buffers were ' +
      'given back and garbage is collected.',
    `Buffer.allocUnsafe cuts buffers of less than ${sizeText(Buffer.poolSize / 2)} out of slabs of ` +
      `${sizeText(Buffer.poolSize)}; Buffer.poolSize makes them larger.`,
  ]
}

function settingsOf({ rounds, timing }: Plan): Settings {
  return { rounds, ...timing, pageBytes: 4096, poolSizeBytes: Buffer.poolSize }
}
