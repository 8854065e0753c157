import { figureText, listText, sizeText } from '../figures.ts'
import { MAIN, settingText } from './plan.ts'
import type { Results } from './results.ts'
import { type Verdict, verdictOf } from './verdict.ts'

const OUTCOMES = ['pays', 'makes no difference', 'costs', 'cannot be judged'] as const

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
    ...doubts(verdicts),
    ...(others.length === 0 ? [] : [elsewhere(others)]),
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
  const [best] = paying.sort((one, other) => other.rateRatio - one.rateRatio)
  if (best === undefined) return []
  const { workload, rival, rateRatio, pool, rivals } = best
  const ms = (us: number) => `${figureText(us / 1000)} ms`
  return [
    `At ${sizeText(workload.sizeBytes)} it lends ${figureText(rateRatio)} times as many per second as ` +
      `${rival}, the fastest of Node.js; its worst pause is ${ms(pool.worstUs.median)} next to ` +
      `${ms(rivals.worstUs.median)}.`,
  ]
}

function doubts(verdicts: readonly Verdict[]): readonly string[] {
  if (verdicts.every(({ outcome }) => outcome !== 'cannot be judged')) return []
  return [
    'What cannot be judged is where the medians differ, but the rounds differ as much among ' +
      'themselves: measure again, for longer, or while less else is running.',
  ]
}

function elsewhere(verdicts: readonly Verdict[]): string {
  const counts = OUTCOMES.flatMap((outcome) => {
    const count = verdicts.filter((verdict) => verdict.outcome === outcome).length
    return count === 0 ? [] : [`${outcome} in ${count}`]
  })
  return `Of ${verdicts.length} other workloads it ${listText(counts)}.`
}
