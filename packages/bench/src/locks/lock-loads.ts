import type { BenchLock } from './lock-contestant.ts'

/** What one round does with a lock. */
export interface LockLoad {
  readonly title: string
  /** How many operations a round is. */
  readonly operations: number
  round(lock: BenchLock): Promise<unknown>
}

const READS = 100_000
const TASKS = 100
const VISITS = 500

/** By the name that `--only` takes. */
export const lockLoads: Readonly<Record<'uncontended' | 'contended', LockLoad>> = {
  uncontended: {
    title: `\`read\`, awaited, and release, nobody else there, per second`,
    operations: READS,
    round: (lock) => lock.readAlone(READS),
  },
  contended: {
    title: `${TASKS} tasks that come and go, every tenth time to write, one microtask inside, visits per second`,
    operations: TASKS * VISITS,
    round: (lock) => {
      const inside = async () => {}
      const tasks = Array.from({ length: TASKS }, (_, task) =>
        lock.visit(VISITS, (visit) => (task + visit) % 10 === 0, inside),
      )
      return Promise.all(tasks)
    },
  },
}
