/** How it was noticed that a condition is met: a first look, a watcher's event, or a look in between. */
export type SeenBy = 'first-look' | 'event' | 'poll'

/**
 * That it is worth looking again: something may have changed, and more may follow unheard; or it is
 * time to look, as it will be again soon.
 */
export type Sign = 'change' | 'tick'

/** What one look at the world showed. */
export type Look<Result> = Met<Result> | NotMet

/** What was waited for is there. */
export interface Met<Result> {
  readonly met: true
  readonly result: Result
}

/** What was waited for is not there yet. */
export interface NotMet {
  readonly met: false
  /** What is there instead, as a clause, for whoever reads the `TimeoutError`. */
  readonly seen: string
  /** The error that was met instead, if it was one. */
  readonly cause?: unknown
  /** When it is worth looking again at the latest; the pace may say earlier. */
  readonly lookAgainMs?: number | undefined
}

/** How a look is taken. */
export interface LookContext {
  /** What made us look. */
  readonly seenBy: SeenBy
  /** Whether the deadline has passed, so that no other look will come. */
  readonly isLast: boolean
  /** Aborts when nobody waits for the answer any more. A look ends soon after, if it can. */
  readonly signal: AbortSignal
  /** Tells what a look that takes long has seen so far, should it not come to its end. */
  readonly soFar: (look: NotMet) => void
}

/**
 * All that one kind of wait has to say: what to look at, and what might tell that it is worth
 * looking again. When to look and when to give up is the business of `keepLooking`.
 */
export interface Condition<Result> {
  /** What is waited for; completes "Cannot …" in the `TimeoutError`. */
  readonly action: string
  /** The shortest pause between two looks: that after a look at something that has just changed. */
  readonly firstIntervalMs: number
  /** The longest pause between two looks. It may change during the wait. */
  readonly intervalMs: number
  /** Looks once. What it throws ends the wait. Never called again before it has answered. */
  look(context: LookContext): Look<Result> | Promise<Look<Result>>
  /** Begins to watch: calls `changed` when the watcher is armed, and at every sign of change. */
  watch?(changed: (sign: Sign) => void): void
  /** Gives back whatever the looks and the watcher hold. Called once, at the end. */
  close?(): Promise<void>
}

/** A look that showed what was waited for. */
export function met<Result>(result: Result): Met<Result> {
  return { met: true, result }
}

/** A look that showed something else. */
export function notMet(seen: string, more: Pick<NotMet, 'cause' | 'lookAgainMs'> = {}): NotMet {
  return { met: false, seen, ...more }
}
