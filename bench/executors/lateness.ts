import { Executor } from '@cupola/executor'

const TASKS = 100_000
/** All are due within so many milliseconds: one in every ten microseconds. */
const SPREAD_MS = 1000
/** Time to arm them all. */
const HEAD_START_MS = 1000

type Arm = (fn: () => void, delayMs: number) => unknown

/** How many milliseconds after its moment each of many functions was called. */
async function lateness(arm: Arm): Promise<number[]> {
  const late: number[] = []
  await new Promise<void>((resolve) => {
    const begin = performance.now()
    for (let each = 0; each < TASKS; each++) {
      const due = begin + HEAD_START_MS + Math.random() * SPREAD_MS
      const call = () => {
        late.push(performance.now() - due)
        if (late.length === TASKS) resolve()
      }
      arm(call, due - performance.now())
    }
  })
  return late
}

export const latenessOf: Readonly<Record<string, () => Promise<number[]>>> = {
  setTimeout: () => lateness((fn, delayMs) => setTimeout(fn, delayMs)),
  Executor: () => {
    const executor = new Executor()
    return lateness((fn, delayMs) => executor.delayExec(delayMs, fn))
  },
}
