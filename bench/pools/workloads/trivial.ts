import { callsInFlight } from '../clients.ts'
import { atLeast, median, range, short, whole } from '../report.ts'
import { takeTurns } from '../turns.ts'
import { best, type Workload } from '../workload.ts'

const CALLS = 100_000
const IN_FLIGHT = 1000
const ROUNDS = 5
/** Before that, V8 has not compiled all of the quicker ones. */
const WARM_UPS = 3

export const trivial: Workload = {
  name: 'trivial',
  title: `${whole(CALLS)} calls of add({ x, y }), ${whole(IN_FLIGHT)} in flight, calls/s, ${ROUNDS} rounds`,

  async run(contestants, report) {
    const plan = { rounds: ROUNDS, warmUps: WARM_UPS }
    const rates = await takeTurns(contestants, plan, async ({ pool }) => {
      const start = performance.now()
      await callsInFlight(CALLS, IN_FLIGHT, (index) => pool.run('add', { x: index, y: 1 }))
      return (CALLS / (performance.now() - start)) * 1000
    })
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
