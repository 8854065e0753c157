import type { Level } from './level.ts'
import type { Retries } from './retries.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { Task } from './task.ts'

/** The repeating task whose runs these are. */
export interface Owner extends Task {
  /** Whether its function has ever been called. */
  readonly hasBegun: boolean
  /** The function of a run is about to be called. */
  runBegins(): void
  /** A run of it has failed for good. Its function may go on. */
  runFailed(error: unknown): void
  /** A run of it is over, and its function has settled. */
  finished(task: ScheduledTask): void
}

/**
 * The terms on which a task runs. Tasks without anything of their own share those of their level:
 * a million of them would else need as many objects more.
 */
export interface Terms {
  /** Where it queues. */
  readonly level: Level
  readonly args: readonly unknown[]
  /** Milliseconds that it may be queued before each attempt. */
  readonly waitTimeout: number
  /** Milliseconds that one run may take. */
  readonly runTimeout: number
  readonly retries: Retries | undefined
  /** The next one, or the one under way. */
  readonly attempt: number
  /** Tasks of one key run one after the other. */
  readonly key: unknown
  readonly owner: Owner | undefined
  /** Whether the process stays alive while it waits for its moment. */
  readonly isRef: boolean
  /** Ends the listening to the signal of its options. */
  readonly listening: Disposable | undefined
}
