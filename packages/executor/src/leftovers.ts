import type { Engine } from './engine.ts'
import { RepeatingTask } from './repeating-task.ts'
import { ScheduledTask } from './scheduled-task.ts'
import type { Task } from './task.ts'

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
  const { nodes } = timers
  const delayed = nodes.filter((node) => node instanceof ScheduledTask)
  const unbegun = new Set<Task>()
  const resting = new Set<Task>()
  for (const task of [...queued, ...timers.sorted(nodes)]) {
    if (task instanceof RepeatingTask) {
      if (!task.hasBegun) unbegun.add(task)
    } else if (task instanceof ScheduledTask) {
      const { owner, attempt } = task.terms
      if (attempt > 1) resting.add(owner ?? task)
      else if (owner?.hasBegun !== true) unbegun.add(owner ?? task)
    }
  }
  return { waiting: [...queued, ...delayed], unbegun: [...unbegun], resting: [...resting] }
}
