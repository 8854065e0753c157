import { BareTransport } from '../bare-transport.ts'
import type { Contestant, OpenPool, TaskName } from '../contestant.ts'
import {
  atMost,
  median,
  quantile,
  range,
  type Report,
  type Requirement,
  short,
  whole,
} from '../../report.ts'
import { type Outcome, takeTurns } from '../turns.ts'
import { best, least, PEERS, type Workload } from '../workload.ts'

const LONG = { calls: 200, ms: 10 }
const SHORT = { calls: 20_000, ms: 0.005 }
const ROUNDS = 3
const SEED = 20_260_101

/** By which functions a pool is asked for the calls. */
interface Variant {
  readonly title: string
  readonly long: TaskName
  readonly short: TaskName
}

const VARIANTS: readonly Variant[] = [
  { title: 'two functions', long: 'spinLong', short: 'spinShort' },
  { title: 'one function', long: 'spin', short: 'spin' },
]

/** How many blocks each call spins, in the order in which the calls are made. */
interface Work {
  readonly lengths: readonly number[]
  readonly longest: number
}

interface Measure {
  /** From the first call made to the last settled. */
  readonly makespanMs: number
  readonly shortP99Ms: number
}

/** What it would take on two threads if nobody had to be asked and nothing to be sent. */
const halfOfOneThread = ideal('half of what one thread takes', async (threads, { lengths }) => {
  const TENTH = 10
  const tenth = lengths.filter((_, index) => index % TENTH === 0)
  return ((await threads.timeSpins(tenth)) * TENTH) / 2
})

/** The same, with everything that this machine makes of two busy threads and a third one. */
const staticSplit = ideal('every other call to each thread', async (threads, { lengths }) => {
  const start = performance.now()
  const halves = [0, 1].map((half) => lengths.filter((_, index) => index % 2 === half))
  await Promise.all(halves.map((half) => threads.timeSpins(half)))
  return performance.now() - start
})

export const mixed: Workload = {
  name: 'mixed',
  title:
    `${LONG.calls} calls of ${LONG.ms} ms among ${whole(SHORT.calls)} of ${SHORT.ms * 1000} µs, ` +
    `made all at once, ${ROUNDS} rounds`,

  async run(contestants, report) {
    const work = await calibratedWork()
    const requirements: Requirement[] = []
    for (const variant of VARIANTS) {
      const rounds = await takeTurns(
        [halfOfOneThread.contestant, staticSplit.contestant, ...contestants],
        { rounds: ROUNDS, warmUps: 1 },
        ({ contestant, pool }, isWarmUp) =>
          measure(contestant, pool, variant, isWarmUp ? firstTenth(work) : work),
      )
      requirements.push(...summarize(variant, rounds, report))
    }
    return requirements
  },
}

async function measure(
  contestant: Contestant,
  pool: OpenPool,
  variant: Variant,
  work: Work,
): Promise<Measure> {
  for (const each of [halfOfOneThread, staticSplit]) {
    if (contestant !== each.contestant || !(pool instanceof BareTransport)) continue
    return { makespanMs: await each.measure(pool, work), shortP99Ms: Number.NaN }
  }
  const shortMs: number[] = []
  const start = performance.now()
  const call = async (blocks: number) => {
    const isLong = blocks === work.longest
    const calledAt = performance.now()
    await pool.run(isLong ? variant.long : variant.short, blocks)
    if (!isLong) shortMs.push(performance.now() - calledAt)
  }
  await Promise.all(work.lengths.map(call))
  return { makespanMs: performance.now() - start, shortP99Ms: quantile(shortMs, 0.99) }
}

function summarize(
  { title }: Variant,
  rounds: Outcome<Measure>,
  report: Report,
): readonly Requirement[] {
  const makespans = mediansOf(rounds, ({ makespanMs }) => makespanMs)
  const p99s = mediansOf(rounds, ({ shortP99Ms }) => shortP99Ms)
  const half = makespans.get(halfOfOneThread.contestant) ?? Number.NaN
  const split = makespans.get(staticSplit.contestant) ?? Number.NaN
  report.print(`### ${title}`, '')
  report.table(
    [...makespans].map(([each, makespan]) => ({
      '': each.name,
      'all done, ms': whole(makespan),
      range: range(rounds.get(each)?.map(({ makespanMs }) => makespanMs) ?? [], whole),
      'times half of one thread': short(makespan / half),
      'times the static split': short(makespan / split),
      'p99 of the short, ms': whole(p99s.get(each) ?? Number.NaN),
    })),
  )
  const ours = best(makespans, 'Cupola')
  const p99Ratio = best(p99s, 'Cupola') / least(p99s, ...PEERS)
  return [
    atMost(`mixed, ${title}: time, times half of one thread's`, 1.1, ours / half),
    atMost(`mixed, ${title}: time, times the static split's`, 1.1, ours / split),
    atMost(`mixed, ${title}: p99 of the short, times the best peer's`, 1, p99Ratio),
  ]
}

function mediansOf(
  rounds: Outcome<Measure>,
  pick: (measure: Measure) => number,
): Map<Contestant, number> {
  return new Map([...rounds].map(([each, values]) => [each, median(values.map(pick))]))
}

/** What cannot be beaten takes its turns like everybody else. */
function ideal(name: string, measureIt: (threads: BareTransport, work: Work) => Promise<number>) {
  const contestant: Contestant = {
    family: 'floor',
    name,
    settings: '',
    open: async () => new BareTransport(),
  }
  return { contestant, measure: measureIt }
}

/** As many blocks as take the milliseconds wanted, on this machine today. */
async function calibratedWork(): Promise<Work> {
  const BLOCKS = 10_000
  const threads = new BareTransport()
  const times: number[] = []
  for (let run = 0; run < 21; run++) times.push(await threads.timeSpins([BLOCKS]))
  await threads.close()
  const blocksIn = (ms: number) => Math.max(Math.round((ms * BLOCKS) / median(times)), 1)
  const longest = blocksIn(LONG.ms)
  const lengths = [
    ...new Array<number>(LONG.calls).fill(longest),
    ...new Array<number>(SHORT.calls).fill(blocksIn(SHORT.ms)),
  ]
  return { lengths: shuffled(lengths), longest }
}

function firstTenth({ lengths, longest }: Work): Work {
  return { lengths: lengths.slice(0, lengths.length / 10), longest }
}

/** Fisher and Yates, with a small generator of its own: the same order at every run. */
function shuffled(elements: readonly number[]): number[] {
  const shuffling = [...elements]
  let state = SEED
  for (let last = shuffling.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (last + 1))
    const moved = shuffling[last] ?? 0
    shuffling[last] = shuffling[other] ?? 0
    shuffling[other] = moved
  }
  return shuffling
}
