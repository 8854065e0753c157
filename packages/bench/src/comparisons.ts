import { buffers } from './buffers/buffers.ts'
import type { Comparison } from './comparison.ts'
import { executorRace } from './executors/executor-workloads.ts'
import { idRace } from './ids/id-workloads.ts'
import { lockRace } from './locks/lock-race.ts'
import { poolRace } from './pools/pool-race.ts'
import { queueRace } from './queues/queue-workloads.ts'
import { raceComparison } from './races/race-comparison.ts'

/** All that can be compared. */
export const comparisons: readonly Comparison[] = [
  buffers,
  ...[poolRace, lockRace, executorRace, idRace, queueRace].map((race) => raceComparison(race)),
]
