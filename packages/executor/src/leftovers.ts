import type { Engine } from './engine.ts'
import { RepeatingTask } from './repeating-task.ts'
import { ScheduledTask } from './scheduled-task.ts'
import type { Task } from './task.ts'
import type { Owner } from './terms.ts'

/** What waits in an engine. */
export interface Leftovers {
  /** In an order in which it is cheap to cancel. */
  readonly waiting: readonly ScheduledTask[]
  /** Tasks whose functions were never called, the next first. */
  readonly unbegun: Task[]
  /** Tasks whose functions have failed and are to be called again, the next first. */
  readonly resting: Task[]
}

/** Looks through everything that waits, in O(n log n). */
export function leftoversOf({ delayLane, queueLane, lines, timers }: Engine): Leftovers {
  const queued = [...delayLane.tasks, ...queueLane.tasks, ...lines.waiting]
  const delayed = timers.nodes.filter((node) => node instanceof ScheduledTask)
  const unbegun: Task[] = []
  const resting: Task[] = []
  /** One that repeats is met at its next moment, and in each of its runs. */
  const met = new Set<Owner>()
  for (const node of [...queued, ...timers.sorted]) {
    const run = node instanceof ScheduledTask ? node : undefined
    const owner = node instanceof RepeatingTask ? node : run?.terms.owner
    const list = run !== undefined && run.terms.attempt > 1 ? resting : unbegun
    if (owner === undefined) {
      if (run !== undefined) list.push(run)
    } else if (!met.has(owner) && (list === resting || !owner.hasBegun)) {
      met.add(owner)
      list.push(owner)
    }
  }
  return { waiting: [...queued, ...delayed], unbegun, resting }
}
