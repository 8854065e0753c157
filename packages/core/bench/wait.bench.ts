// What does a wait cost: one that need not wait, and one that queues, with and without a limit?
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import { Bench } from 'tinybench'

/** Waits per iteration: so many that the harness weighs nothing. */
const WAITS = 1000

const queue = new LinkedList<Waiter<number>>()
const open: Waitable<number> = {
  action: 'pass',
  refusal: () => undefined,
  tryNow: () => 1,
  queueOf: () => queue,
}
const shut: Waitable<number> = { ...open, tryNow: () => NOT_YET }
const { signal } = new AbortController()

/** All wait, then all are let in: the first in, the first out. */
async function queueAll(options?: WaitOptions): Promise<void> {
  const waits = Array.from({ length: WAITS }, () => wait(shut, options, undefined))
  while (queue.first !== undefined) queue.first.resolve(1)
  await Promise.all(waits)
}

/** The same without a library: promises whose resolvers stand in an array. */
async function queueBare(): Promise<void> {
  const resolvers: ((value: number) => void)[] = []
  const waits = Array.from({ length: WAITS }, () => new Promise((ok) => resolvers.push(ok)))
  for (const resolve of resolvers) resolve(1)
  await Promise.all(waits)
}

const bench = new Bench({ name: `${WAITS} waits`, time: 1000, warmupTime: 300 })
  .add('floor: await a settled promise', async () => {
    for (let count = 0; count < WAITS; count++) await Promise.resolve(1)
  })
  .add('wait() that need not wait', async () => {
    for (let count = 0; count < WAITS; count++) await wait(open, undefined, undefined)
  })
  .add('wait() that need not wait, with signal and timeout', async () => {
    for (let count = 0; count < WAITS; count++)
      await wait(open, { signal, timeout: 1e6 }, undefined)
  })
  .add('floor: queue bare promises', queueBare)
  .add('wait() that queues', () => queueAll())
  .add('wait() that queues, with a timeout', () => queueAll({ timeout: 1e6 }))
  .add('wait() that queues, with a shared signal', () => queueAll({ signal }))

await bench.run()

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const processors = cpus()
console.log(`Node.js ${process.version}, ${processors.length} × ${processors[0]?.model}, ${commit}`)
console.log(`${WAITS} waits an iteration; nanoseconds per wait`)
console.table(
  bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') return { name, state: result.state }
    const perWait = (ms: number): number => Math.round((ms * 1e6) / WAITS)
    const { p50, p99, samplesCount } = result.latency
    return { name, median: perWait(p50), p99: perWait(p99), iterations: samplesCount }
  }),
)
