import { figureText, listText, rangeText, sizeText } from '../figures.ts'
import { MAIN, settingText } from './plan.ts'
import type { Results } from './results.ts'
import { type Verdict, verdictOf } from './verdict.ts'

const OUTCOMES = ['pays', 'makes no difference', 'costs', 'cannot be judged'] as const
/** So many that what is saved can be imagined. */
const MANY = 1000

/** For which sizes pooling pays here, in whole sentences. */
export function answerOf(results: Results): readonly string[] {
  const verdicts = results.workloads.flatMap((workload) => verdictOf(results, workload) ?? [])
  const main = verdicts.filter(({ workload }) => workload.setting === MAIN)
  const others = verdicts.filter(({ workload }) => workload.setting !== MAIN)
  if (main.length === 0) return ['Too little was measured to say anything.']
  return [
    headline(main),
    `That is with ${settingText(MAIN)}.`,
    ...exampleOf(main),
    ...(others.length === 0 ? [] : [elsewhere(others)]),
    ...doubts(verdicts),
  ]
}

function headline(verdicts: readonly Verdict[]): string {
  const clauses = OUTCOMES.flatMap((outcome) => {
    const sizes = verdicts
      .filter((verdict) => verdict.outcome === outcome)
      .map(({ workload }) => sizeText(workload.sizeBytes))
    return sizes.length === 0 ? [] : [`${outcome} for buffers of ${listText(sizes)}`]
  })
  return `On this machine a BufferPool ${clauses.join('; it ')}.`
}

/** The size at which there is most to be had. */
function exampleOf(verdicts: readonly Verdict[]): readonly string[] {
  const paying = verdicts.filter(({ outcome }) => outcome === 'pays')
  const [best] = paying.sort((one, other) => other.ratio.median - one.ratio.median)
  if (best === undefined) return []
  const { workload, rival, ratio, pool, rivals } = best
  const us = (rate: number) => `${figureText(1e6 / rate)} µs`
  const ms = (duration: number) => `${figureText(duration / 1000)} ms`
  const saved = 1 / rivals.rate.median - 1 / pool.rate.median
  return [
    `At ${sizeText(workload.sizeBytes)} a buffer takes ${us(pool.rate.median)} instead of the ` +
      `${us(rivals.rate.median)} of ${rival}, the fastest of Node.js: it lends ` +
      `${figureText(ratio.median)} times as many per second (${rangeText(ratio)}), and saves ` +
      `${figureText(1000 * MANY * saved)} ms in a thousand.`,
    `Its longest pause there was ${ms(pool.worstUs.high)}, next to ${ms(rivals.worstUs.high)}.`,
  ]
}

function elsewhere(verdicts: readonly Verdict[]): string {
  const counts = OUTCOMES.flatMap((outcome) => {
    const count = verdicts.filter((verdict) => verdict.outcome === outcome).length
    return count === 0 ? [] : [`${outcome} in ${count}`]
  })
  return `Of ${verdicts.length} other workloads it ${listText(counts)}.`
}

function doubts(verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.every(({ outcome }) => outcome !== 'cannot be judged')) return []
  return [
    'It cannot be judged where there is but one round, or where the rounds differ too much among ' +
      'themselves: measure again, more thoroughly, or while less else is running.',
  ]
}
