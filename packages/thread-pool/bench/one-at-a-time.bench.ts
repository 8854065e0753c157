// How long does one call take that costs nothing, there and back, when nothing else is going on?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     packages/thread-pool/bench/one-at-a-time.bench.ts
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ThreadPool } from '@cupola/thread-pool'
import type * as Arithmetic from './arithmetic.ts'
import { printMachine, quantile, timeRounds } from './report.ts'

const CALLS = 5000
const WARM_UPS = 1000

const pool = new ThreadPool<typeof Arithmetic>(new URL('./arithmetic.ts', import.meta.url), {
  minThreads: 1,
  maxThreads: 1,
})
await pool.resize({})
const worker = new Worker(new URL('./transport.ts', import.meta.url))

printMachine(`one at a time: add(a, b), ${CALLS} times, 1 thread`)
const workloads = [
  {
    name: 'floor: a message to a worker and one back',
    async round() {
      worker.postMessage([[1, 2]])
      await once(worker, 'message')
    },
  },
  {
    name: 'ThreadPool',
    async round() {
      await pool.run('add', [1, 2])
    },
  },
]
const times = await timeRounds(workloads, CALLS, WARM_UPS)
console.log(`| N = ${CALLS} calls | median, µs | p99, µs |`)
console.log('| --- | --: | --: |')
for (const [name, sorted] of times) {
  const [median, p99] = [0.5, 0.99].map((share) => Math.round(quantile(sorted, share) * 1000))
  console.log(`| ${name} | ${median} | ${p99} |`)
}
await worker.terminate()
await pool.close()
