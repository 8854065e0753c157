import { spreadOf } from '../statistics.ts'
import { MAIN, mostUsual, type Setting, settingText, type Workload, workloadText } from './plan.ts'
import { sizeText } from '../figures.ts'
import type { Plot, Series } from '../findings.ts'
import type { Pauses } from './cell.ts'
import { FLOOR } from './lenders.ts'
import type { Results } from './results.ts'

/** Rates by size for every setting; pauses and memory at one size of the main setting. */
export function plotsOf(results: Results): readonly Plot[] {
  const settings = [...new Set(results.workloads.map(({ setting }) => setting))]
  const ofMain = results.workloads.filter(({ setting }) => setting === MAIN)
  const usualBytes = mostUsual(ofMain.map(({ sizeBytes }) => sizeBytes))
  const usual = ofMain.find(({ sizeBytes }) => sizeBytes === usualBytes)
  return [
    ...settings.map((setting) => ratesPlot(results, setting)),
    ...(usual === undefined ? [] : [pausesPlot(results, usual), memoryPlot(results, usual)]),
  ]
}

function ratesPlot(results: Results, setting: Setting): Plot {
  const workloads = results.workloads.filter((workload) => workload.setting === setting)
  const [workload] = workloads
  return workload !== undefined && workloads.length === 1
    ? barsPlot(results, workload)
    : linesPlot(results, setting, workloads)
}

/** Of one size, there is no line. */
function barsPlot(results: Results, workload: Workload): Plot {
  return {
    title: `Throughput: ${workloadText(workload)}`,
    caption: 'Longer is better.',
    kind: 'bars',
    x: { label: '', scale: 'linear' },
    y: { label: 'buffers per second', scale: 'linear' },
    // Next to the floor, which the table has, the others would be too short to compare.
    series: seriesOf(results, [workload], (name) => [
      [0, results.figuresOf(workload, name).rate.median],
    ]).filter(({ role }) => role !== 'floor'),
  }
}

function linesPlot(results: Results, setting: Setting, workloads: readonly Workload[]): Plot {
  const names = workloads.map(({ sizeBytes }) => [sizeBytes, sizeText(sizeBytes)] as const)
  return {
    title: `Throughput by size: ${settingText(setting)}`,
    caption: 'Higher is better. Where lines meet, it does not matter which one you take.',
    kind: 'lines',
    x: { label: 'size', scale: 'logarithmic', names: Object.fromEntries(names) },
    y: { label: 'buffers per second', scale: 'logarithmic' },
    series: seriesOf(results, workloads, (name) =>
      workloads.flatMap((workload) => {
        const { median } = results.figuresOf(workload, name).rate
        return Number.isNaN(median) ? [] : [[workload.sizeBytes, median] as const]
      }),
    ),
  }
}

const SHARES: readonly (readonly [key: keyof Pauses, name: string])[] = [
  ['p50', 'half'],
  ['p90', '90 %'],
  ['p99', '99 %'],
  ['p999', '99.9 %'],
  ['worst', 'all'],
]

function pausesPlot(results: Results, workload: Workload): Plot {
  return {
    title: `Pauses: ${workloadText(workload)}`,
    caption: 'Lower is better: so many operations took no longer than this.',
    kind: 'lines',
    x: {
      label: 'operations',
      scale: 'linear',
      names: Object.fromEntries(SHARES.map(([, name], index) => [index, name])),
    },
    y: { label: 'microseconds', scale: 'logarithmic' },
    series: seriesOf(results, [workload], (contestant) =>
      SHARES.map(([key], index) => [index, pauseUs(results, workload, contestant, key)] as const),
    ),
  }
}

/** The median of the rounds; of the worst, that would be a euphemism. */
function pauseUs(
  results: Results,
  workload: Workload,
  contestant: string,
  key: keyof Pauses,
): number {
  const rounds = results.roundsOf(workload, contestant).map(({ pausesUs }) => pausesUs[key])
  const { median, high } = spreadOf(rounds)
  return key === 'worst' ? high : median
}

function memoryPlot(results: Results, workload: Workload): Plot {
  return {
    title: `Resident memory over time: ${workloadText(workload)}`,
    caption:
      'Lower and flatter is better. The last point is when all was given back and garbage collected.',
    kind: 'lines',
    x: { label: 'milliseconds', scale: 'linear' },
    y: { label: 'MiB', scale: 'linear' },
    series: seriesOf(
      results,
      [workload],
      (name) => results.roundsOf(workload, name).at(-1)?.memory ?? [],
    ),
  }
}

function seriesOf(
  results: Results,
  workloads: readonly Workload[],
  pointsOf: (contestant: string) => Series['points'],
): readonly Series[] {
  const names = new Set(workloads.flatMap((workload) => results.contestantsOf(workload)))
  return [...names].map((name) => ({ name, role: roleOf(name), points: pointsOf(name) }))
}

function roleOf(contestant: string): Series['role'] {
  if (contestant === FLOOR) return 'floor'
  return contestant.includes('BufferPool') ? 'ours' : 'rival'
}
