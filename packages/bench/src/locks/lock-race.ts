import type { Race, RaceWorkload } from '../races/race.ts'
import type { Rivals } from '../races/rivals.ts'
import { LOCK_LIBRARIES, lockContestants } from './lock-contestants.ts'
import { checkLockContract } from './lock-contract.ts'
import { type LockLoad, lockLoads } from './lock-loads.ts'

/** How fast is `RwLock`, next to what people use instead? */
export const lockRace: Race = {
  name: 'locks',
  question: 'How fast is RwLock, next to @rocicorp/lock, async-rwlock and async-mutex?',
  subject: 'RwLock',
  unit: 'visits',
  ours: ['RwLock', 'RwLock, fifo'],
  libraries: LOCK_LIBRARIES,
  open: (rivals) => Object.entries(lockLoads).map(([name, load]) => workloadOf(name, load, rivals)),
}

function workloadOf(name: string, load: LockLoad, rivals: Rivals): RaceWorkload {
  const contestants = lockContestants(rivals).map((contestant) => {
    let isChecked = false
    const loop = async (times: number) => {
      if (!isChecked) await checkLockContract(contestant)
      isChecked = true
      await load.round(contestant.open())
      return times
    }
    return [contestant.name, loop] as const
  })
  const { title, operations } = load
  return { name, title, times: operations, contestants: Object.fromEntries(contestants) }
}
