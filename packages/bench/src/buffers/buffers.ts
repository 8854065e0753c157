import { type Clock, systemClock } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import type { Comparison, RunOptions } from '../comparison.ts'
import type { Findings } from '../findings.ts'
import { answerOf } from './answer.ts'
import type { Cell } from './cell.ts'
import { lenders } from './lenders.ts'
import { cellsOf, type Plan, planOf, type Workload, workloadsOf, workloadText } from './plan.ts'
import { plotsOf } from './plots.ts'
import { Results } from './results.ts'
import { type CellRunner, runCell } from './run-cell.ts'
import { tablesOf } from './tables.ts'

const MOST_BYTES = 64 * 1024 * 1024

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
      const plan = checkedPlan(options)
      const { results, failures } = await measure(plan, { run, clock }, options)
      const { question, name: comparison } = about
      return {
        comparison,
        question,
        answer: answerOf(results),
        tables: tablesOf(results),
        plots: plotsOf(results),
        measurements: results.measurements(),
        missing: [],
        failures: [...failures],
        notes: notesOf(plan),
        complete: options.signal?.aborted !== true,
      }
    },
  }
}

function checkedPlan(options: RunOptions): Plan {
  const plan = planOf(options)
  requireInteger('rounds', plan.rounds, 1, 99)
  for (const size of plan.sizes) requireInteger('sizes', size, 1, MOST_BYTES)
  return plan
}

interface Turn {
  readonly workload: Workload
  readonly cell: Cell
}

/** In rounds, so that a machine that gets slower does so for all. */
function turnsOf(plan: Plan): readonly Turn[] {
  const workloads = workloadsOf(plan)
  return Array.from({ length: plan.rounds }, (_, round) =>
    workloads.flatMap((workload) =>
      cellsOf(workload, plan, round).map((cell) => ({ workload, cell })),
    ),
  ).flat()
}

async function measure(
  plan: Plan,
  { run, clock }: { readonly run: CellRunner; readonly clock: Clock },
  { signal, onProgress }: RunOptions,
): Promise<{ readonly results: Results; readonly failures: ReadonlySet<string> }> {
  const results = new Results()
  const failures = new Set<string>()
  const turns = turnsOf(plan)
  const began = clock.now()
  const first = turns.length / plan.rounds
  for (const [done, { workload, cell }] of turns.entries()) {
    if (isOver(signal) || (done >= first && clock.now() - began >= plan.budgetMs)) break
    const what = `${cell.contestant}, ${workloadText(workload)}`
    onProgress?.({ done, all: turns.length, what })
    try {
      const answer = await run(cell, signal)
      if ('round' in answer) results.add(workload, cell.contestant, answer.round)
      else failures.add(`${what}: ${answer.problem}`)
    } catch (error) {
      if (!isOver(signal)) throw error
    }
  }
  return { results, failures }
}

/** As a function, because the compiler takes it for settled otherwise. */
function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function notesOf({ rounds, effort }: Plan): readonly string[] {
  return [
    `Each figure is the median of up to ${rounds} rounds, in which the contestants take turns, each in a ` +
      `process of its own, for ${effort.measureMs} ms after ${effort.warmUpMs} ms to warm up.`,
    'An operation gives a buffer back, takes another and writes one byte in each of its pages of 4 KiB.',
    'A pause is the time of one such operation, whoever is to blame: the collector, the kernel, or ' +
      'another program. What the floor shows, nobody can help.',
    'Resident memory is that of the whole process, Node.js included.',
  ]
}
