import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Contestant, OpenPool } from '../contestant.ts'
import {
  atMost,
  median,
  quantile,
  range,
  type Report,
  type Requirement,
  short,
  whole,
} from '../report.ts'
import { takeTurns } from '../turns.ts'
import { best, PEERS, type Workload } from '../workload.ts'

const CALLS = 200
const ROUNDS = 25

export const oneAtATime: Workload = {
  name: 'one-at-a-time',
  title: `a call awaited before the next, µs, ${ROUNDS} rounds of ${CALLS} calls`,

  async run(contestants, report) {
    return [
      await measure('one after the other', async () => {}, contestants, report),
      await measure('a turn of the loop between', () => turnOfTheLoop(), contestants, report),
    ]
  },
}

/**
 * The wake-up of a sleeping core takes 20 µs or 70, as the machine likes, for some tenths of a
 * second. So what is compared is not medians over all rounds, but the medians of rounds that were
 * neighbors.
 */
async function measure(
  title: string,
  pause: () => Promise<void>,
  contestants: readonly Contestant[],
  report: Report,
): Promise<Requirement> {
  const plan = { rounds: ROUNDS, warmUps: 2 }
  const rounds = await takeTurns(contestants, plan, ({ pool }) => latencies(pool, pause))
  const [ours = []] = [...rounds].flatMap(([{ family }, all]) => (family === 'Cupola' ? [all] : []))
  const ratios = new Map(
    [...rounds].map(([each, all]) => [
      each,
      median(all.map((times, round) => median(ours[round] ?? []) / median(times))),
    ]),
  )
  report.print(`### ${title}`, '')
  report.table(
    [...rounds].map(([each, all]) => ({
      '': each.name,
      median: whole(median(all.flat())),
      p99: whole(quantile(all.flat(), 0.99)),
      'medians of the rounds': range(all.map(median), whole),
      'ThreadPool takes so many times as long': short(ratios.get(each) ?? Number.NaN),
    })),
  )
  const what = `one-at-a-time, ${title}: median, times the best peer's`
  return atMost(what, 1.1, best(ratios, ...PEERS))
}

async function latencies(pool: OpenPool, pause: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < CALLS; call++) {
    await pause()
    const start = performance.now()
    await pool.run('add', { x: call, y: 1 })
    times.push((performance.now() - start) * 1000)
  }
  return times
}
