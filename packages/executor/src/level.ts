import type { Engine } from './engine.ts'
import { Fifo } from './fifo.ts'
import type { Lane } from './lane.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { Terms } from './terms.ts'

/** The queued tasks of one urgency. */
export class Level {
  readonly lane: Lane
  readonly engine: Engine
  readonly urgency: number
  readonly tasks: Fifo<ScheduledTask> = new Fifo()
  /** Of those tasks that have nothing of their own. */
  readonly terms: Terms

  constructor(lane: Lane, engine: Engine, urgency: number) {
    this.lane = lane
    this.engine = engine
    this.urgency = urgency
    this.terms = {
      level: this,
      args: [],
      waitTimeout: Infinity,
      runTimeout: Infinity,
      retries: undefined,
      attempt: 1,
      key: undefined,
      owner: undefined,
      isRef: true,
      listening: undefined,
    }
  }
}
