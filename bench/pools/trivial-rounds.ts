// One contestant of the workload `trivial`: prints the calls per second of some rounds.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     bench/pools/trivial-rounds.ts 'piscina, default'
import { openAlone } from './alone.ts'
import { callsInFlight } from './clients.ts'
import type { OpenPool } from './contestant.ts'
import { CALLS, IN_FLIGHT, ROUNDS_A_TURN, WARM_UPS } from './workloads/trivial.ts'

const opened = await openAlone(process.argv[2] ?? '')
const rates: number[] = []
for (let round = -WARM_UPS; round < ROUNDS_A_TURN; round++) {
  const rate = await measure(opened)
  if (round >= 0) rates.push(rate)
}
console.log(JSON.stringify(rates))
// A pool that does not close would keep the process alive.
process.exit()

async function measure(pool: OpenPool): Promise<number> {
  const start = performance.now()
  await callsInFlight(CALLS, IN_FLIGHT, (index) => pool.run('add', { x: index, y: 1 }))
  return (CALLS / (performance.now() - start)) * 1000
}
