import assert from 'node:assert/strict'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { LockContestant, Inside } from './lock-contestant.ts'

const TASKS = 20
const VISITS = 20

/**
 * What every contestant but the floor has to do before it is measured, so that nobody wins by doing
 * less: writers are alone, readers share if they are said to, and everybody gets in.
 */
export async function checkLockContract(contestant: LockContestant): Promise<void> {
  if (contestant.family === 'floor') return
  const lock = contestant.open()
  const now = { readers: 0, writers: 0 }
  const most = { readers: 0, visits: 0 }
  const inside: Inside = async (isWrite) => {
    const kind = isWrite ? 'writers' : 'readers'
    now[kind]++
    assert.ok(now.writers === 0 || (now.writers === 1 && now.readers === 0))
    await turnOfTheLoop()
    most.readers = Math.max(most.readers, now.readers)
    most.visits++
    now[kind]--
  }
  const tasks = Array.from({ length: TASKS }, (_, task) =>
    lock.visit(VISITS, (visit) => (task + visit) % 10 === 0, inside),
  )
  await Promise.all(tasks)
  assert.equal(most.visits, TASKS * VISITS)
  assert.equal(most.readers > 1, contestant.isShared)
}
