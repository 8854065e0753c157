import { runAlone } from '../alone.ts'
import type { Contestant } from '../contestant.ts'
import { atLeast, median, range, short, whole } from '../../report.ts'
import { best, type Workload } from '../workload.ts'

export const CALLS = 100_000
export const IN_FLIGHT = 1000
/** Before that, V8 has not compiled all of the quicker ones. */
export const WARM_UPS = 3
export const ROUNDS_A_TURN = 2
const TURNS = 3

/** Many times what the slowest takes for its rounds. */
const PATIENCE_MS = 120_000

/**
 * In processes of their own, which take turns: the heaps and the compiled code of six pools in one
 * process slow the quickest down most, the floor too.
 */
export const trivial: Workload = {
  name: 'trivial',
  title: `${whole(CALLS)} calls of add({ x, y }), ${whole(IN_FLIGHT)} in flight, calls/s, each contestant in a process of its own, ${TURNS} turns of ${ROUNDS_A_TURN} rounds`,

  async run(contestants, report) {
    const rates = new Map(contestants.map((each) => [each, new Array<number>()]))
    for (let turn = 0; turn < TURNS; turn++) {
      for (const contestant of contestants) rates.get(contestant)?.push(...ratesOf(contestant))
    }
    const medians = new Map([...rates].map(([each, values]) => [each, median(values)]))
    const ours = best(medians, 'Cupola')
    report.table(
      [...rates].map(([each, values]) => ({
        '': each.name,
        median: whole(median(values)),
        range: range(values, whole),
        'share of the floor': short(median(values) / best(medians, 'floor')),
        'ThreadPool is so many times faster': short(ours / median(values)),
      })),
    )
    return [
      atLeast('trivial: calls/s, times piscina at its best', 12, ours / best(medians, 'piscina')),
      atLeast('trivial: calls/s, times poolifier', 6, ours / best(medians, 'poolifier')),
      atLeast('trivial: calls/s, share of the floor', 0.6, ours / best(medians, 'floor')),
    ]
  },
}

function ratesOf(contestant: Contestant): readonly number[] {
  const rates = runAlone<readonly number[]>('./trivial-rounds.ts', contestant, PATIENCE_MS)
  if ('died' in rates) throw new Error(`Cannot measure ${contestant.name}: ${rates.died}`)
  return rates
}
