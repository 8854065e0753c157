import type { Clock } from '@cupola/core'
import type { Emitter } from '@cupola/core/authoring'
import type { Call, Failure } from '@cupola/interruptible-worker/authoring'
import type { Recycling } from './recycling.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'

/** How many threads there may be, and for how long one without calls is kept. */
export interface CrewLimits {
  readonly minThreads: number
  readonly maxThreads: number
  readonly idleTimeoutMs: number
}

/** What a crew is made with, besides its limits. */
export interface CrewParts {
  readonly clock: Clock
  /** `undefined` if threads are kept for as long as they live. */
  readonly recycling: Recycling | undefined
  /** Where it tells of what the program may want to know and no call depends on. */
  readonly events: Emitter<ThreadPoolEvents>
  readonly owner: CrewOwner
}

/** Who has the calls for a crew's threads. */
export interface CrewOwner {
  /** A thread takes calls. */
  onThreadStart(threadId: number): void
  /** A thread is gone. */
  onThreadExit(threadId: number, failure: Failure | undefined): void
  /** A call begins whose time is to be measured. */
  onBegin(call: Call): void
  /** A thread has answered calls: there is room. */
  onAnswers(): void
  /** There is room for calls, or no more hope for them. `returned` were not begun, and are next. */
  onChange(returned: readonly Call[]): void
}
