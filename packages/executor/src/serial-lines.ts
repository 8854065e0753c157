import { Fifo } from './fifo.ts'
import type { ScheduledTask } from './scheduled-task.ts'

/** The tasks of one key that are due: the head runs or is next to, the others stand behind it. */
interface SerialLine {
  head: ScheduledTask
  readonly behind: Fifo<ScheduledTask>
}

/** Lets the tasks of one key run one after the other, in the order in which they become due. */
export class SerialLines {
  /** None is empty. */
  readonly #lines = new Map<unknown, SerialLine>()

  /** Those that stand behind others. */
  get waiting(): ScheduledTask[] {
    return [...this.#lines.values()].flatMap(({ behind }) => [...behind])
  }

  /** Whether a task may run now; if not, it stands in line. One without a key always may. */
  enter(task: ScheduledTask): boolean {
    const { key } = task.terms
    if (key === undefined) return true
    const line = this.#lines.get(key)
    if (line === undefined) this.#lines.set(key, { head: task, behind: new Fifo() })
    if (line === undefined || line.head === task) return true
    line.behind.push(task)
    task.terms.level.lane.behind++
    return false
  }

  /** Takes a task out that stands behind another. `false` if it does not. */
  remove(task: ScheduledTask): boolean {
    const { key } = task.terms
    if (key === undefined || this.#lines.get(key)?.behind.remove(task) !== true) return false
    task.terms.level.lane.behind--
    return true
  }

  /** A task does not want to run any more. Gives the one whose turn that makes it, if any. */
  leave(task: ScheduledTask): ScheduledTask | undefined {
    const { key } = task.terms
    if (key === undefined) return undefined
    const line = this.#lines.get(key)
    if (line?.head !== task) return undefined
    const next = line.behind.shift()
    if (next === undefined) {
      this.#lines.delete(key)
      return undefined
    }
    line.head = next
    next.terms.level.lane.behind--
    return next
  }
}
