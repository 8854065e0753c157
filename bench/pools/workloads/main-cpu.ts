import { existsSync, readFileSync } from 'node:fs'
import { callsInFlight } from '../clients.ts'
import { atMost, median, range, short } from '../../report.ts'
import { takeTurns } from '../turns.ts'
import { least, type Workload } from '../workload.ts'

const CALLS = 50_000
const IN_FLIGHT = 1000
const ROUNDS = 3
const PER_MILLION = 1_000_000 / CALLS

/**
 * The nanoseconds that the main thread has had a processor. `utime` and `stime` beside it say the
 * same in ticks of 10 ms; `process.cpuUsage()` counts all threads.
 */
const SCHEDULED = `/proc/self/task/${process.pid}/schedstat`

interface Measure {
  readonly cpuSeconds: number
  readonly loopSeconds: number
}

export const mainCpu: Workload = {
  name: 'main-cpu',
  title: `seconds of the main thread for a million calls of add({ x, y }), ${IN_FLIGHT} in flight, ${ROUNDS} rounds`,

  async run(contestants, report) {
    const hasCpuTime = existsSync(SCHEDULED)
    const plan = { rounds: ROUNDS, warmUps: 1 }
    const rounds = await takeTurns(contestants, plan, async ({ pool }): Promise<Measure> => {
      const cpuBefore = hasCpuTime ? mainThreadSeconds() : Number.NaN
      const loopBefore = performance.eventLoopUtilization()
      await callsInFlight(CALLS, IN_FLIGHT, (index) => pool.run('add', { x: index, y: 1 }))
      const { active } = performance.eventLoopUtilization(loopBefore)
      const cpuSeconds = hasCpuTime ? mainThreadSeconds() - cpuBefore : Number.NaN
      return { cpuSeconds: cpuSeconds * PER_MILLION, loopSeconds: (active / 1000) * PER_MILLION }
    })
    const rows = [...rounds].map(([contestant, values]) => ({
      contestant,
      cpu: values.map(({ cpuSeconds }) => cpuSeconds),
      loop: values.map(({ loopSeconds }) => loopSeconds),
    }))
    report.table(
      rows.map(({ contestant, cpu, loop }) => ({
        '': contestant.name,
        'on a processor': short(median(cpu)),
        range: range(cpu, short),
        'event loop active': short(median(loop)),
      })),
    )
    const counted = new Map(
      rows.map(({ contestant, cpu, loop }) => [contestant, median(hasCpuTime ? cpu : loop)]),
    )
    const ratio = least(counted, 'Cupola') / least(counted, 'piscina')
    return [atMost("main-cpu: seconds, times piscina's at its best", 0.2, ratio)]
  },
}

function mainThreadSeconds(): number {
  const [nanoseconds = ''] = readFileSync(SCHEDULED, 'utf8').split(' ')
  return Number(nanoseconds) / 1e9
}
