// Is a pool of buffers worth it, next to what Node.js has? Buffers of three sizes, 64 alive at a time;
// memory over ten million of them; and two threads at a shared pool.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/buffer-pool.bench.ts
//
// `--report <file>` keeps what was printed in `bench/results`. Runs for half a minute.
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BlockSize, BufferPool } from '@cupola/buffer-pool'
import { ALIVE, type Loop, loopsFor, poolLoop } from './buffers/lenders.ts'
import { sharedRace } from './buffers/shared-race.ts'
import { atLeast, atMost, median, range, Report, whole } from './report.ts'

const WARM_UPS = 2
const ROUNDS = 7
/** How long a loop runs in a round. */
const ROUND_MS = 50
const CYCLES = 10_000_000
const PAIRS = 500_000

const { values } = parseArgs({ options: { report: { type: 'string' } } })
const report = new Report()
report.print('# Buffers', '')
report.machine()
report.print('', `Allocations per second, ${ALIVE} alive at a time: median of the rounds.`, '')

// First, while there is no garbage of the others.
const memory = measureMemory()
const small = measure(BlockSize.small)
const medium = measure(BlockSize.medium)
const large = measure(BlockSize.large)
report.table(
  [...medium].map(([name, rates]) => ({
    '': name,
    '4 KiB': whole(of(small, name)),
    '132 KiB': whole(of(medium, name)),
    spread: range(rates, whole),
    '1028 KiB': whole(of(large, name)),
  })),
)

const one = await sharedRace(1, PAIRS, ROUNDS)
const two = await sharedRace(2, PAIRS, ROUNDS)
report.print(
  'SharedBufferPool, pairs of allocate and release per second, all threads together:',
  '',
)
report.table([
  { '': 'one thread', median: whole(median(one)), spread: range(one, whole) },
  { '': 'two threads', median: whole(median(two)), spread: range(two, whole) },
])

report.print(`Memory over ${whole(CYCLES)} buffers of 132 KiB from a pool, in MiB:`, '')
report.table(
  memory.map(({ cycles, arrayBuffers, rss }) => ({
    '': whole(cycles),
    arrayBuffers: arrayBuffers.toFixed(2),
    resident: rss.toFixed(2),
  })),
)

const [first] = memory
const last = memory.at(-1)
report.conclude(
  [
    atLeast('BufferPool, 132 KiB, x Buffer.allocUnsafe', 10, ratio(medium, 'Buffer.allocUnsafe')),
    atLeast('BufferPool, 132 KiB, x Buffer.alloc', 30, ratio(medium, 'Buffer.alloc')),
    atLeast('BufferPool, 4 KiB, x Buffer.allocUnsafe', 1, ratio(small, 'Buffer.allocUnsafe')),
    atMost('arrayBuffers at the end, x those at the beginning', 1, growth('arrayBuffers')),
    atMost('resident memory at the end, x that at the beginning', 1.05, growth('rss')),
    atLeast('SharedBufferPool, two threads, million pairs/s', 1, median(two) / 1e6),
  ],
  values.report,
)

/** The loops take turns, so that a machine that gets slower does so for all. */
function measure(size: number): Map<string, number[]> {
  const loops = Object.entries(loopsFor(size)).map(([name, loop]) => ({
    name,
    loop,
    times: timesFor(loop),
  }))
  const rates = new Map(loops.map(({ name }) => [name, new Array<number>()]))
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const { name, loop, times } of loops) {
      const rate = rateOf(loop, times)
      if (round >= 0) rates.get(name)?.push(rate)
    }
  }
  return rates
}

/** The same number in each round, found out beforehand. */
function timesFor(loop: Loop): number {
  for (let times = ALIVE; ; times *= 2) {
    const takenMs = (times * 1000) / rateOf(loop, times)
    if (takenMs > ROUND_MS / 2) return Math.ceil((times * ROUND_MS) / takenMs)
  }
}

function rateOf(loop: Loop, times: number): number {
  const start = performance.now()
  loop(times)
  return (times * 1000) / (performance.now() - start)
}

/** After as many to warm up, and each time after a collection: what is left is not garbage. */
function measureMemory(): { cycles: number; arrayBuffers: number; rss: number }[] {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const turn = poolLoop(new BufferPool({ maxBlocks: 2 * ALIVE }))
  turn(CYCLES)
  const measured = []
  for (let cycles = 0; cycles <= CYCLES; cycles += CYCLES / 10) {
    collectGarbage()
    const { arrayBuffers, rss } = process.memoryUsage()
    measured.push({ cycles, arrayBuffers: arrayBuffers / 2 ** 20, rss: rss / 2 ** 20 })
    turn(CYCLES / 10)
  }
  return measured
}

function of(rates: Map<string, number[]>, name: string): number {
  return median(rates.get(name) ?? [])
}

function ratio(rates: Map<string, number[]>, rival: string): number {
  return of(rates, 'BufferPool') / of(rates, rival)
}

function growth(what: 'arrayBuffers' | 'rss'): number {
  return (last?.[what] ?? Number.NaN) / (first?.[what] ?? Number.NaN)
}
