// All contestants of the workload `one-at-a-time`: prints the latencies of their rounds, in µs.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     bench/pools/latency-rounds.ts 'one after the other'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { OpenPool } from './contestant.ts'
import { contestants } from './contestants.ts'
import { takeTurns } from './turns.ts'
import { CALLS, ROUNDS } from './workloads/one-at-a-time.ts'

const pause = process.argv[2] === 'a turn of the loop between' ? turnOfTheLoop : async () => {}
const plan = { rounds: ROUNDS, warmUps: 5 }
const rounds = await takeTurns(contestants, plan, ({ pool }) => latencies(pool))
const all = contestants.map((each) => rounds.get(each) ?? [])
// A pool that does not close would keep the process alive.
process.stdout.write(JSON.stringify(all), () => process.exit())

async function latencies(pool: OpenPool): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < CALLS; call++) {
    await pause()
    const start = performance.now()
    await pool.run('add', { x: call, y: 1 })
    times.push((performance.now() - start) * 1000)
  }
  return times
}
