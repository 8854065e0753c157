import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Contestant } from '../contestant.ts'
import { atMost, median, quantile, range, type Report, short, whole } from '../../report.ts'
import { best, PEERS, type Workload } from '../workload.ts'

export const CALLS = 200
export const ROUNDS = 25

const PROGRAM = fileURLToPath(new URL('../latency-rounds.ts', import.meta.url))

/** Keeps a program, and all of its threads, on one core. */
const ON_ONE_CORE = ['taskset', '--cpu-list', '0']

/** What the program waits for before each call. */
const PAUSES = ['one after the other', 'a turn of the loop between'] as const

/** Every contestant's rounds, each the latencies of its calls. */
type Rounds = ReadonlyMap<Contestant, readonly (readonly number[])[]>

/**
 * To wake a thread on another core that sleeps takes longer than all that a pool does. Whether the
 * kernel puts the two threads of a call on one core or on two is its choice, which it changes every
 * few tenths of a second: 20 µs a call or 60, the same pool, the bare transport as well. So they are
 * compared on one core, where what is left is their own work. What comes of all cores is printed, but
 * the order of the contestants there is another in each run.
 */
export const oneAtATime: Workload = {
  name: 'one-at-a-time',
  title: `a call awaited before the next, µs, ${ROUNDS} rounds of ${CALLS} calls in turns`,

  async run(contestants, report) {
    return PAUSES.flatMap((pause) => {
      print(`${pause}, all cores`, roundsOf(contestants, pause), report)
      const ratios = print(`${pause}, one core`, roundsOf(contestants, pause, ON_ONE_CORE), report)
      const what = `one-at-a-time, ${pause}, one core: median, times the best peer's`
      return [atMost(what, 1.1, best(ratios, ...PEERS))]
    })
  },
}

function roundsOf(
  contestants: readonly Contestant[],
  pause: string,
  prefix: readonly string[] = [],
): Rounds {
  const [file, ...args] = [...prefix, process.execPath, ...process.execArgv, PROGRAM, pause]
  const { stdout, status, error } = spawnSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`Cannot measure ${pause}`, { cause: error ?? status })
  const rounds = JSON.parse(stdout) as number[][][]
  return new Map(contestants.map((each, index) => [each, rounds[index] ?? []]))
}

/** @returns How many times as long as each contestant `ThreadPool` takes. */
function print(title: string, rounds: Rounds, report: Report): Map<Contestant, number> {
  const [ours = []] = [...rounds].flatMap(([{ family }, all]) => (family === 'Cupola' ? [all] : []))
  // Of rounds that were neighbors: what slows the machine down for a while slows both.
  const ratioTo = (all: readonly (readonly number[])[]) =>
    median(all.map((times, round) => median(ours[round] ?? []) / median(times)))
  const ratios = new Map([...rounds].map(([each, all]) => [each, ratioTo(all)]))
  report.print(`### ${title}`, '')
  report.table(
    [...rounds].map(([each, all]) => ({
      '': each.name,
      median: whole(median(all.flat())),
      p99: whole(quantile(all.flat(), 0.99)),
      'medians of the rounds': range(
        all.map((times) => median(times)),
        whole,
      ),
      'ThreadPool takes so many times as long': short(ratios.get(each) ?? Number.NaN),
    })),
  )
  return ratios
}
