// What do the primitives that threads share cost, next to a floor: the same number of bare atomic
// operations? Once in one thread, once in two that do the same to the same object.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/shared-sync.bench.ts
//
// `--report <file>` keeps what was printed in `bench/results`. Runs for some ten seconds.
import { parseArgs } from 'node:util'
import { atLeast, atMost, median, range, Report, type Requirement } from './report.ts'
import { loopsOf, makeShared } from './shared-sync/loops.ts'
import { Race } from './shared-sync/race.ts'

const WARM_UPS = 2
const ROUNDS = 7
/** Long enough for a round not to be mere start-up, short enough for seven of each. */
const TIMES = 300_000

const FLOOR = 'floor: 2 bare compareExchange'

const { values } = parseArgs({ options: { report: { type: 'string' } } })
const names = Object.keys(loopsOf(makeShared()))
const alone = await measure(1)
const together = await measure(2)

const report = new Report()
report.print('# Primitives that threads share', '')
report.machine()
report.print(
  '',
  'Nanoseconds for acquiring and releasing: median of the rounds, and their range.',
  '',
)
report.table(
  names.map((name) => ({
    '': name,
    'one thread': nanoseconds(alone.get(name)),
    spread: range(alone.get(name) ?? [], nanosecondsOf),
    'x floor': (of(alone, name) / of(alone, FLOOR)).toFixed(2),
    'two threads': nanoseconds(together.get(name)),
    'their rate, x one': (of(alone, name) / of(together, name)).toFixed(2),
  })),
)

const requirements: Requirement[] = [
  atMost(
    'SharedRwLock.tryRead(), x the floor and 4 more',
    1,
    of(alone, 'SharedRwLock.tryRead()') / of(alone, 'floor and 4 more'),
  ),
  atMost(
    'SharedRwLock.tryWrite(), x the floor and 4 more',
    1,
    of(alone, 'SharedRwLock.tryWrite()') / of(alone, 'floor and 4 more'),
  ),
  atLeast(
    'SharedRwLock.tryRead() of two threads, x one',
    0.5,
    of(alone, 'SharedRwLock.tryRead()') / of(together, 'SharedRwLock.tryRead()'),
  ),
]
report.conclude(requirements, values.report)

/** The loops take turns, so that a machine that gets slower does so for all. */
async function measure(threads: number): Promise<Map<string, number[]>> {
  const race = await Race.open(threads)
  const rounds = new Map(names.map((name) => [name, new Array<number>()]))
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const name of names) {
      const each = await race.run(name, TIMES)
      if (round >= 0) rounds.get(name)?.push(each)
    }
  }
  await race.close()
  return rounds
}

function of(rounds: Map<string, number[]>, name: string): number {
  return median(rounds.get(name) ?? [])
}

function nanoseconds(rounds: number[] | undefined): string {
  return nanosecondsOf(median(rounds ?? []))
}

function nanosecondsOf(value: number): string {
  return value.toFixed(1)
}
