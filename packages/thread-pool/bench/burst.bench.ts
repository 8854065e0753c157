// How many calls that cost nothing go through a pool when a thousand are always in flight?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     packages/thread-pool/bench/burst.bench.ts
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ThreadPool } from '@cupola/thread-pool'
import type * as Arithmetic from './arithmetic.ts'
import { printMachine, quantile, timeRounds } from './report.ts'

const CALLS = 50_000
const IN_FLIGHT = 1000
const ROUNDS = 30
const WARM_UPS = 5

const pool = new ThreadPool<typeof Arithmetic>(new URL('./arithmetic.ts', import.meta.url), {
  minThreads: 2,
  maxThreads: 2,
})
await pool.resize({})

/** The least that can be done: half of the calls in flight as one message to each of two workers. */
const workers = [0, 1].map(() => new Worker(new URL('./transport.ts', import.meta.url)))

async function transport(): Promise<void> {
  const batch = Array.from({ length: IN_FLIGHT / 2 }, (_, index) => [index, 1])
  await Promise.all(
    workers.map(async (worker) => {
      for (let sent = 0; sent < CALLS / 2; sent += batch.length) {
        worker.postMessage(batch)
        await once(worker, 'message')
      }
    }),
  )
}

async function calls(): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < CALLS) await pool.run('add', [next++, 1])
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, client))
}

printMachine(`burst: ${CALLS} calls of add(a, b), ${IN_FLIGHT} in flight, 2 threads`)
const workloads = [
  { name: 'floor: arrays through two workers', round: transport },
  { name: 'ThreadPool', round: calls },
]
const times = await timeRounds(workloads, ROUNDS, WARM_UPS)
console.log(`| N = ${ROUNDS} rounds | median, calls/s | p99 (slowest), calls/s |`)
console.log('| --- | --: | --: |')
for (const [name, sorted] of times) {
  const perSecond = [0.5, 0.99].map((share) => Math.round((CALLS / quantile(sorted, share)) * 1000))
  console.log(`| ${name} | ${perSecond.map((each) => each.toLocaleString('en')).join(' | ')} |`)
}
await Promise.all(workers.map(async (worker) => await worker.terminate()))
await pool.close()
