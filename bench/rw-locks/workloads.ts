import { type LockContestant, lockLoads } from '@cupola/bench/workloads'
import { RwLock } from '@cupola/rw-lock'
import { atLeast, median, range, type Report, type Requirement, short, whole } from '../report.ts'
import { type Outcome, takeTurns } from './turns.ts'

const TRIES = 10_000_000
const ROUNDS = 9
const WARM_UPS = 3

/** One question, put to all contestants. */
export interface Workload {
  /** What `--only` calls it. */
  readonly name: string
  readonly title: string
  /** Measures, prints, and says what of the required was met. */
  run(contestants: readonly LockContestant[], report: Report): readonly Requirement[]
}

const uncontended: Workload = {
  name: 'uncontended',
  title: lockLoads.uncontended.title,

  run(contestants, report) {
    const times = compare(takeTurns(contestants, 'uncontended'), report)
    return [
      atLeast('uncontended: times @rocicorp/lock', 4, times('rocicorp')),
      atLeast('uncontended: times async-rwlock', 10, times('async-rwlock')),
    ]
  },
}

const contended: Workload = {
  name: 'contended',
  title: lockLoads.contended.title,

  run(contestants, report) {
    const times = compare(takeTurns(contestants, 'contended'), report)
    return [atLeast('contended: times @rocicorp/lock', 1.2, times('rocicorp'))]
  },
}

const tries: Workload = {
  name: 'try',
  title: `${whole(TRIES)} times \`tryRead\` and release, next to a field that goes up and down, per second, ${ROUNDS} rounds`,

  run(_contestants, report) {
    const lock = new RwLock()
    const bare = { readers: 0 }
    const rates = { tryRead: new Array<number>(), bare: new Array<number>() }
    for (let round = -WARM_UPS; round < ROUNDS; round++) {
      const ours = rateOf(() => lock.tryRead()?.release())
      const floor = rateOf(() => {
        bare.readers++
        bare.readers--
      })
      if (round < 0) continue
      rates.tryRead.push(ours)
      rates.bare.push(floor)
    }
    const [ours, floor] = [median(rates.tryRead), median(rates.bare)]
    report.table([
      { '': 'tryRead() and release()', median: whole(ours), range: range(rates.tryRead, whole) },
      { '': 'floor: a field', median: whole(floor), range: range(rates.bare, whole) },
    ])
    report.print(`Share of the floor: ${short(ours / floor)}`, '')
    return [atLeast('try: millions per second', 20, ours / 1e6)]
  },
}

export const workloads: readonly Workload[] = [uncontended, contended, tries]

/** Prints the rates; gives how many times a family's rate the default `RwLock` has. */
function compare(rates: Outcome, report: Report): (family: LockContestant['family']) => number {
  const medianOf = (family: LockContestant['family']) =>
    median([...rates].find(([each]) => each.family === family)?.[1] ?? [])
  report.table(
    [...rates].map(([{ name }, values]) => ({
      '': name,
      median: whole(median(values)),
      range: range(values, whole),
      'share of the floor': short(median(values) / medianOf('floor')),
      'RwLock is so many times faster': short(medianOf('Cupola') / median(values)),
    })),
  )
  return (family) => medianOf('Cupola') / medianOf(family)
}

function rateOf(act: () => void): number {
  const start = performance.now()
  for (let number = 0; number < TRIES; number++) act()
  return (TRIES / (performance.now() - start)) * 1000
}
