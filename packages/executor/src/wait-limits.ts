import { TimeoutError } from '@cupola/core'
import type { Engine } from './engine.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { TimerNode } from './timers.ts'

/** For how much longer tasks wait for a slot that do not wait for ever. */
export class WaitLimits {
  readonly #engine: Engine
  /** Apart from the tasks, of which most have none. */
  readonly #limits = new Map<ScheduledTask, WaitLimit>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** A task begins to wait. */
  add(task: ScheduledTask): void {
    const { waitTimeout } = task.terms
    if (waitTimeout === Infinity) return
    const limit = new WaitLimit(this.#engine, task)
    this.#limits.set(task, limit)
    this.#engine.timers.add(limit, this.#engine.clock.now() + waitTimeout)
  }

  /** It waits no more. */
  remove(task: ScheduledTask): void {
    if (task.terms.waitTimeout === Infinity) return
    const limit = this.#limits.get(task)
    if (limit === undefined) return
    this.#limits.delete(task)
    this.#engine.timers.remove(limit)
  }
}

class WaitLimit implements TimerNode {
  index = -1
  readonly order = 0
  readonly #engine: Engine
  readonly #task: ScheduledTask

  constructor(engine: Engine, task: ScheduledTask) {
    this.#engine = engine
    this.#task = task
  }

  /** A task does not keep the process alive to see that nobody runs it. */
  get isRef(): boolean {
    return false
  }

  ring(): void {
    const error = new TimeoutError('begin the task', this.#task.terms.waitTimeout)
    this.#engine.waitedTooLong(this.#task, error)
  }
}
