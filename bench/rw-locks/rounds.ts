// One contestant of one workload: prints the operations per second of some rounds.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     bench/rw-locks/rounds.ts uncontended 'async-rwlock'
import { checkLockContract, lockLoads } from '@cupola/bench/workloads'
import { contestants } from './contestants.ts'

const WARM_UPS = 3
const ROUNDS_A_TURN = 3

const [, , load, contestant] = process.argv
const chosen = contestants.find(({ name }) => name === contestant)
if (chosen === undefined || (load !== 'uncontended' && load !== 'contended')) {
  throw new Error(`Cannot measure ${contestant} at ${load}: no such contestant or workload`)
}
const { operations, round } = lockLoads[load]

await checkLockContract(chosen)
const rates: number[] = []
for (let number = -WARM_UPS; number < ROUNDS_A_TURN; number++) {
  const start = performance.now()
  await round(chosen.open())
  if (number >= 0) rates.push((operations / (performance.now() - start)) * 1000)
}
console.log(JSON.stringify(rates))
