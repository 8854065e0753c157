import { isClearlyAbove, type Spread } from '../statistics.ts'
import { BUILT_IN, POOL } from './lenders.ts'
import type { Workload } from './plan.ts'
import type { Figures, Results } from './results.ts'

/** Less is no reason to change a program. */
const WORTH_IT = 1.2

/** Whether a pool is worth it for a workload. */
export interface Verdict {
  readonly workload: Workload
  readonly outcome: 'pays' | 'makes no difference' | 'costs' | 'cannot be judged'
  /** The fastest of what Node.js has. */
  readonly rival: string
  /** So many times its rate. */
  readonly rateRatio: number
  readonly pool: Figures
  readonly rivals: Figures
}

/**
 * Judges a workload: a pool pays if it is {@link WORTH_IT} times as fast as the best that Node.js has, or
 * if its worst pause is so much shorter. It costs if it is slower by as much. Where the medians say so
 * but the rounds overlap, the machine was too busy to judge.
 *
 * @returns Nothing if one of the two was not measured.
 */
export function verdictOf(results: Results, workload: Workload): Verdict | undefined {
  const measured = results.contestantsOf(workload)
  const [rival] = BUILT_IN.filter((name) => measured.includes(name)).sort(
    (one, other) => rateOf(other) - rateOf(one),
  )
  if (rival === undefined || !measured.includes(POOL)) return undefined
  const pool = results.figuresOf(workload, POOL)
  const rivals = results.figuresOf(workload, rival)
  const rateRatio = pool.rate.median / rivals.rate.median
  return { workload, outcome: outcomeOf(pool, rivals), rival, rateRatio, pool, rivals }

  function rateOf(name: string): number {
    return results.figuresOf(workload, name).rate.median
  }
}

function outcomeOf(pool: Figures, rivals: Figures): Verdict['outcome'] {
  if (isWorthMore(pool.rate, rivals.rate)) return 'pays'
  if (isWorthMore(rivals.rate, pool.rate)) return 'costs'
  if (isWorthMore(rivals.worstUs, pool.worstUs)) return 'pays'
  const ratio = pool.rate.median / rivals.rate.median
  return ratio >= WORTH_IT || ratio <= 1 / WORTH_IT ? 'cannot be judged' : 'makes no difference'
}

/** One round proves nothing. */
function isWorthMore(one: Spread, other: Spread): boolean {
  const isRepeated = Math.min(one.rounds.length, other.rounds.length) > 1
  return isRepeated && one.median >= WORTH_IT * other.median && isClearlyAbove(one, other)
}
