import { figureText, rangeText, sizeText } from '../figures.ts'
import type { Table } from '../findings.ts'
import { MAIN, type Setting, settingText, type Workload, workloadText } from './plan.ts'
import type { Results } from './results.ts'
import { verdictOf } from './verdict.ts'

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
  const rows = [...contestants].map((name) => [
    name,
    ...workloads.map((workload) => figureText(results.figuresOf(workload, name).rate.median)),
  ])
  return {
    title: `Buffers per second, by size: ${settingText(setting)}`,
    columns: ['', ...workloads.map((workload) => headingOf(workload))],
    rows: [...rows, ['BufferPool', ...workloads.map((workload) => outcomeText(results, workload))]],
  }
}

/** Where fewer are alive than the setting says, the heading tells. */
function headingOf({ sizeBytes, alive, setting }: Workload): string {
  return alive === setting.alive ? sizeText(sizeBytes) : `${sizeText(sizeBytes)} (${alive} alive)`
}

function outcomeText(results: Results, workload: Workload): string {
  const verdict = verdictOf(results, workload)
  if (verdict === undefined) return ''
  return `${verdict.outcome}, ${figureText(verdict.rateRatio)} ×`
}

function figuresTable(results: Results, workload: Workload): Table {
  return {
    title: workloadText(workload),
    columns: ['', 'per second', 'range', 'p99 µs', 'worst µs', 'GC ms/s', 'peak MiB', 'final MiB'],
    rows: results.contestantsOf(workload).map((name) => {
      const { rate, p99Us, worstUs, gcMsPerSecond, peakMiB, finalMiB } = results.figuresOf(
        workload,
        name,
      )
      const others = [p99Us, worstUs, gcMsPerSecond, peakMiB, finalMiB]
      return [
        name,
        figureText(rate.median),
        rangeText(rate),
        ...others.map(({ median }) => figureText(median)),
      ]
    }),
  }
}
