// A million delays that wait, in a process of their own: the heap and the compiled code of one contestant
// would slow the next one down. Started by `executor.bench.ts`; prints what it measured as JSON.
import { Executor } from '@cupola/executor'

const TASKS = 1_000_000
const ROUNDS = 7
const WARM_UPS = 2
const DAY_MS = 86_400_000

interface Contestant {
  arm(delays: Float64Array): unknown[]
  cancel(armed: readonly unknown[]): void
}

function noop(): void {}

const contestants: Record<string, Contestant> = {
  'floor: an object each': {
    arm: (delays) => Array.from(delays, (due) => ({ due, fn: noop })),
    cancel: () => {},
  },
  setTimeout: {
    arm(delays) {
      const timers = new Array<NodeJS.Timeout>(delays.length)
      for (let index = 0; index < delays.length; index++) {
        timers[index] = setTimeout(noop, delays[index])
      }
      return timers
    },
    cancel(timers) {
      for (const timer of timers) clearTimeout(timer as NodeJS.Timeout)
    },
  },
  Executor: {
    arm(delays) {
      const executor = new Executor()
      const tasks = new Array<ReturnType<Executor['delayExec']>>(delays.length)
      for (let index = 0; index < delays.length; index++) {
        tasks[index] = executor.delayExec(delays[index] ?? 0, noop)
      }
      return tasks
    },
    cancel(tasks) {
      for (const task of tasks) (task as ReturnType<Executor['delayExec']>).cancel()
    },
  },
}

/** What one contestant gave, round by round. */
export interface Pending {
  readonly armsPerSecond: number[]
  readonly cancelsPerSecond: number[]
  readonly bytesEach: number[]
}

const [, , name = ''] = process.argv
const chosen = contestants[name]
if (chosen !== undefined) console.log(JSON.stringify(measure(chosen)))

function measure(contestant: Contestant): Pending {
  const result: Pending = { armsPerSecond: [], cancelsPerSecond: [], bytesEach: [] }
  // Whole milliseconds over a day, as `setTimeout` would make of them anyway.
  const delays = Float64Array.from(
    { length: TASKS },
    () => Math.ceil(Math.random() * DAY_MS) + 60_000,
  )
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const [armMs, cancelMs, bytes] = measureOnce(contestant, delays)
    if (round < 0) continue
    result.armsPerSecond.push((TASKS * 1000) / armMs)
    result.cancelsPerSecond.push((TASKS * 1000) / cancelMs)
    result.bytesEach.push(bytes / TASKS)
  }
  return result
}

/** A function of its own, so that nothing of one round is left on the stack in the next. */
function measureOnce(contestant: Contestant, delays: Float64Array): [number, number, number] {
  const before = bytesInUse()
  const began = performance.now()
  const armed = contestant.arm(delays)
  const armMs = performance.now() - began
  const bytes = bytesInUse() - before
  const cancelBegan = performance.now()
  contestant.cancel(armed)
  return [armMs, performance.now() - cancelBegan, armed.length === TASKS ? bytes : Number.NaN]
}

function bytesInUse(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
