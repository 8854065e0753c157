import { isClearlyAbove, type Spread } from '../statistics.ts'
import { BUILT_IN, POOL } from './lenders.ts'
import type { Workload } from './plan.ts'
import type { Figures, Results } from './results.ts'

/** Less is no reason to change a program. */
const WORTH_IT = 1.2
/** Rounds that would allow for so many times the rate, either way, do not tell that there is no difference. */
const TOO_VAGUE = 2
/** Pauses vary more than rates do, and shorter ones nobody notices. */
const WORTH_A_PAUSE = 2
const NOTICED_US = 1000

/** From the slowest round of one next to the fastest of the other, to the other way round. */
type Ratio = Pick<Spread, 'median' | 'low' | 'high'>

/** Whether a pool is worth it for a workload. */
export interface Verdict {
  readonly workload: Workload
  readonly outcome: 'pays' | 'makes no difference' | 'costs' | 'cannot be judged'
  /** The fastest of what Node.js has. */
  readonly rival: string
  /** So many times its rate. */
  readonly ratio: Ratio
  readonly pool: Figures
  readonly rivals: Figures
}

/**
 * Judges a workload: a pool pays if it is {@link WORTH_IT} times as fast as the best that Node.js has, or
 * if that pauses for {@link NOTICED_US} and the pool for less than half as long. It costs if it is slower by
 * as much. Where the medians say so but the rounds overlap, or where the rounds would allow for
 * {@link TOO_VAGUE} times the rate, the machine was too busy to judge; by one round, nothing is judged.
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
  const ratio: Ratio = {
    median: pool.rate.median / rivals.rate.median,
    low: pool.rate.low / rivals.rate.high,
    high: pool.rate.high / rivals.rate.low,
  }
  // One round proves nothing.
  const isRepeated = Math.min(pool.rate.rounds.length, rivals.rate.rounds.length) > 1
  const outcome = isRepeated ? outcomeOf(pool, rivals, ratio) : 'cannot be judged'
  return { workload, outcome, rival, ratio, pool, rivals }

  function rateOf(name: string): number {
    return results.figuresOf(workload, name).rate.median
  }
}

function outcomeOf(pool: Figures, rivals: Figures, ratio: Ratio): Verdict['outcome'] {
  if (isWorthMore(pool.rate, rivals.rate, WORTH_IT)) return 'pays'
  if (isWorthMore(rivals.rate, pool.rate, WORTH_IT)) return 'costs'
  if (ratio.median >= WORTH_IT || ratio.median <= 1 / WORTH_IT) return 'cannot be judged'
  const isNoticed = rivals.worstUs.median >= NOTICED_US
  const isShorter = isWorthMore(rivals.worstUs, pool.worstUs, WORTH_A_PAUSE)
  if (isNoticed && isShorter) return 'pays'
  const isVague = ratio.high > TOO_VAGUE || ratio.low < 1 / TOO_VAGUE
  return isVague ? 'cannot be judged' : 'makes no difference'
}

function isWorthMore(one: Spread, other: Spread, times: number): boolean {
  return one.median >= times * other.median && isClearlyAbove(one, other)
}
