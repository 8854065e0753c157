import { callsInFlight } from '../clients.ts'
import { atLeast, median, range, whole } from '../../report.ts'
import { takeTurns } from '../turns.ts'
import { best, PEERS, type Workload } from '../workload.ts'

const BUFFER_BYTES = 1 << 20
const IN_FLIGHT = 16
const MOVES = 2000
const ROUNDS = 7

export const buffers: Workload = {
  name: 'buffers',
  title: `buffers of 1 MiB moved in and out, ${IN_FLIGHT} in flight, ${ROUNDS} rounds of ${whole(MOVES)}`,

  async run(contestants, report) {
    const movesOut = new Map<string, boolean>()
    const plan = { rounds: ROUNDS, warmUps: 1 }
    const rates = await takeTurns(contestants, plan, async (entrant) => {
      movesOut.set(entrant.contestant.name, entrant.movesOut)
      const idle = Array.from({ length: IN_FLIGHT }, () => new ArrayBuffer(BUFFER_BYTES))
      const start = performance.now()
      await callsInFlight(MOVES, IN_FLIGHT, async () => {
        const buffer = idle.pop()
        if (buffer !== undefined) idle.push(await entrant.pool.move(buffer))
      })
      return (MOVES / (performance.now() - start)) * 1000
    })
    const medians = new Map([...rates].map(([each, values]) => [each, median(values)]))
    report.table(
      [...rates].map(([each, values]) => ({
        '': each.name,
        'buffers/s': whole(median(values)),
        range: range(values, whole),
        'on the way back': movesOut.get(each.name) ? 'moved' : 'copied',
      })),
    )
    const ratio = best(medians, 'Cupola') / best(medians, ...PEERS)
    return [atLeast("buffers: buffers/s, times the best peer's", 1, ratio)]
  },
}
