// What does an item cost on its way through a pipeline, compared with a plain loop?
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { pipeline } from '@cupola/pipeline'
import { Bench } from 'tinybench'

/** Items per run: so many that setting up a run weighs nothing. */
const ITEMS = 100_000
const CONCURRENCY = 64

const numbers = Array.from({ length: ITEMS }, (_, n) => n)

async function* slowNumbers(): AsyncGenerator<number> {
  for (const n of numbers) yield n
}

const increment = (n: number): number => n + 1
const incrementLater = async (n: number): Promise<number> => n + 1
const incrementNextTurn = (n: number): Promise<number> =>
  new Promise((resolve) => setImmediate(resolve, n + 1))

const window = { concurrency: CONCURRENCY }
const unordered = { concurrency: CONCURRENCY, ordered: false }

/** The obvious way to have so many calls in flight: begin a chunk, await it, begin the next. */
async function chunks(fn: (n: number) => Promise<number>): Promise<void> {
  for (let start = 0; start < ITEMS; start += CONCURRENCY) {
    await Promise.all(numbers.slice(start, start + CONCURRENCY).map(fn))
  }
}

const bench = new Bench({ name: `${ITEMS} items`, time: 1000, warmupTime: 300 })
  .add('floor: for over an array, await an async function', async () => {
    for (const n of numbers) await incrementLater(n)
  })
  .add('floor: for await over an async generator', async () => {
    for await (const n of slowNumbers()) increment(n)
  })
  .add(`floor: Promise.all by ${CONCURRENCY}, next turn`, () => chunks(incrementNextTurn))
  .add('map: plain', () => pipeline(numbers).map(increment).run())
  .add('map, filter, tap: plain', () =>
    pipeline(numbers)
      .map(increment)
      .filter((n) => n > 0)
      .tap(increment)
      .run(),
  )
  .add('map: async, 1 at a time', () => pipeline(numbers).map(incrementLater).run())
  .add(`map: async, ${CONCURRENCY}`, () => pipeline(numbers).map(incrementLater, window).run())
  .add(`map: async, ${CONCURRENCY}, unordered`, () =>
    pipeline(numbers).map(incrementLater, unordered).run(),
  )
  .add(`three maps: async, ${CONCURRENCY}`, () =>
    pipeline(numbers)
      .map(incrementLater, window)
      .map(incrementLater, window)
      .map(incrementLater, window)
      .run(),
  )
  .add(`map: next turn, ${CONCURRENCY}`, () =>
    pipeline(numbers).map(incrementNextTurn, window).run(),
  )
  .add('map: plain, over an async generator', () => pipeline(slowNumbers).map(increment).run())
  .add('batch by 100', () => pipeline(numbers).batch({ size: 100 }).run())
  .add('iterated with for await', async () => {
    for await (const n of pipeline(numbers).map(increment)) increment(n)
  })

await bench.run()

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const processors = cpus()
console.log(`Node.js ${process.version}, ${processors.length} × ${processors[0]?.model}, ${commit}`)
console.log(`${ITEMS} items an iteration; nanoseconds per item`)
console.table(
  bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') return { name, state: result.state }
    const perItem = (ms: number): number => Math.round((ms * 1e6) / ITEMS)
    const { p50, p99, samplesCount } = result.latency
    return { name, median: perItem(p50), p99: perItem(p99), iterations: samplesCount }
  }),
)
