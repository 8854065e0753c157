import { figureText, listText, rangeText, sizeText } from '../figures.ts'
import type { Table } from '../findings.ts'
import {
  MAIN,
  type Setting,
  settingText,
  shortWorkloadText,
  type Workload,
  workloadText,
} from './plan.ts'
import type { Results } from './results.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** Rates of every setting by size, and every figure of the main setting. */
export function tablesOf(results: Results): readonly Table[] {
  const settings = [...new Set(results.workloads.map(({ setting }) => setting))]
  return [
    ...settings.map((setting) => ratesTable(results, setting)),
    ...results.workloads
      .filter(({ setting }) => setting === MAIN)
      .map((workload) => figuresTable(results, workload)),
  ]
}

function ratesTable(results: Results, setting: Setting): Table {
  const workloads = results.workloads.filter((workload) => workload.setting === setting)
  const contestants = new Set(workloads.flatMap((workload) => results.contestantsOf(workload)))
  return {
    title: `Buffers per second, by size: ${settingText(setting)}${exceptionsText(workloads)}`,
    columns: ['', ...workloads.map(({ sizeBytes }) => sizeText(sizeBytes))],
    rows: [...contestants].map((name) => [
      name,
      ...workloads.map((workload) => figureText(results.figuresOf(workload, name).rate.median)),
    ]),
  }
}

/** Where fewer are alive than the setting says: ` (16 of 16 MiB, 4 of 64 MiB)`. */
function exceptionsText(workloads: readonly Workload[]): string {
  const fewer = workloads.filter(({ alive, setting }) => alive < setting.alive)
  if (fewer.length === 0) return ''
  return ` (${listText(fewer.map(({ alive, sizeBytes }) => `${alive} of ${sizeText(sizeBytes)}`))})`
}

function figuresTable(results: Results, workload: Workload): Table {
  return {
    title: workloadText(workload),
    columns: ['', 'per s', 'p99 µs', 'worst µs', 'GC ms/s', 'peak MiB', 'end MiB'],
    rows: results.contestantsOf(workload).map((name) => {
      const figures = results.figuresOf(workload, name)
      const { rate, p99Us, worstUs, gcMsPerSecond, peakMiB, finalMiB } = figures
      return [
        name,
        figureText(rate.median),
        figureText(p99Us.median),
        // Of the worst, a median would be a euphemism.
        figureText(worstUs.high),
        figureText(gcMsPerSecond.median),
        figureText(peakMiB.high),
        figureText(finalMiB.median),
      ]
    }),
  }
}

const OUTCOME_TEXTS: Readonly<Record<Verdict['outcome'], string>> = {
  pays: 'pays',
  'makes no difference': 'same',
  costs: 'costs',
  'cannot be judged': 'unclear',
}

/** What it comes to, workload by workload. */
export function verdictsTable(results: Results): Table {
  return {
    title: 'Does a BufferPool pay, next to the fastest that Node.js has?',
    columns: ['', 'it', 'times', 'range', 'as fast as'],
    rows: results.workloads.flatMap((workload) => {
      const verdict = verdictOf(results, workload)
      if (verdict === undefined) return []
      const { outcome, ratio, rival } = verdict
      const times = [figureText(ratio.median), rangeText(ratio)]
      return [[shortWorkloadText(workload), OUTCOME_TEXTS[outcome], ...times, rival]]
    }),
  }
}
