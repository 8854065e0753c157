import type { Clock, Timer } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { ExecutionTerminator } from './execution-terminator.ts'
import type { InterruptionPlan } from './interruption-options.ts'
import type { HeededStage } from './messages.ts'

/** How often a thread is looked at that cannot be hit where it is. */
const RETRY_MS = 1

/** What an interruption came to. */
export interface InterruptOutcome {
  /**
   * What ended the code, mildest first: nothing had to, it was over (`idle`); its `signal`; a
   * `checkpoint`; the termination of its `execution`; that of its `thread`.
   */
  readonly stage: 'idle' | HeededStage | 'execution' | 'thread'
  /** Whether the thread and the state of its module are still there. */
  readonly survived: boolean
  /** Milliseconds from the interruption to the end of the code, or to the thread being given up. */
  readonly tookMs: number
}

/** The running call that is to be interrupted, and its thread. */
export interface InterruptTarget {
  readonly threadId: number
  /** Tells the call's signal and, if `raise`, its checkpoints. */
  tell(raise: boolean): void
  /** Whether the code has said that it is uninterruptible. */
  isMasked(): boolean
  /** Whether it must not be hit where it is. */
  isSheltered(): boolean
  /** From now on the thread cannot leave the call. Only while it is inside, synchronously. */
  seize(): boolean
  /** Undoes {@link seize}. */
  release(): void
  /** It has been hit: it shall go on. */
  resume(): void
  /** Whether the call has returned a promise, which no termination can reach. */
  isAwaiting(): boolean
  /** There is no inspector to hit it with. */
  unreachable(): void
  /** Ends the thread. */
  giveUp(): void
}

/**
 * The ladder that ends a running call, one for each.
 *
 *   signal ──signalMs──▶ checkpoint ──checkpointMs──▶ execution ──executionMs──▶ thread
 *     └──────────┴──────────────┴──── the call ends ──────┴──▶ over
 *
 * At `execution` the thread is seized first, see `Claims`, and then looked at: in a place where it
 * must not be hit it is released at once and looked at again a moment later.
 */
export class Interruption {
  /** Resolves when it is over. */
  readonly outcome: Promise<InterruptOutcome>
  readonly #target: InterruptTarget
  readonly #plan: InterruptionPlan
  readonly #clock: Clock
  readonly #since: number
  readonly #over = new Deferred<InterruptOutcome>()
  #isOver = false
  #heeded: HeededStage | undefined
  #timer: Timer | undefined

  constructor(target: InterruptTarget, plan: InterruptionPlan, clock: Clock) {
    this.outcome = this.#over.promise
    this.#target = target
    this.#plan = plan
    this.#clock = clock
    this.#since = clock.now()
    target.tell(plan.signalMs === 0)
    if (plan.signalMs === 0) this.#toCheckpoint()
    else this.#after(plan.signalMs, () => this.#atCheckpoint())
  }

  /** The call says that it noticed. */
  heed(stage: HeededStage): void {
    this.#heeded = stage
  }

  /** The call has ended by itself. */
  ended(): void {
    this.#finish(this.#heeded ?? 'idle')
  }

  /** Its execution has been terminated, and the thread is ready for the next call. */
  stopped(): void {
    this.#finish('execution')
  }

  /** The thread is gone, by this or by something else. */
  threadGone(): void {
    this.#finish('thread')
  }

  #atCheckpoint(): void {
    this.#target.tell(true)
    this.#toCheckpoint()
  }

  #toCheckpoint(): void {
    this.#after(this.#plan.checkpointMs, () => this.#atExecution())
  }

  #atExecution(): void {
    this.#try(this.#clock.now())
  }

  /** Hits the thread if it is where it can be hit, else tries again later. */
  #try(since: number): void {
    const waitedMs = this.#clock.now() - since
    const { executionMs, maskedMs, replaceThread } = this.#plan
    const mayWait = this.#target.isMasked() ? waitedMs < maskedMs : waitedMs < executionMs
    const isReachable = !replaceThread && !this.#target.isAwaiting()
    if (!mayWait || (!isReachable && !this.#target.isMasked())) this.#target.giveUp()
    else if (isReachable && this.#seize()) void this.#hit(executionMs)
    else this.#after(RETRY_MS, () => this.#try(since))
  }

  #seize(): boolean {
    if (!this.#target.seize()) return false
    if (!this.#target.isSheltered()) return true
    this.#target.release()
    return false
  }

  async #hit(executionMs: number): Promise<void> {
    this.#after(executionMs, () => this.#target.giveUp())
    const wasAsked = await ExecutionTerminator.ofProcess()?.terminate(this.#target.threadId)
    if (this.#isOver) return
    if (wasAsked) return this.#target.resume()
    this.#target.unreachable()
    this.#target.giveUp()
  }

  /** Not without a timer even for no delay: a call that has just begun may be as good as over. */
  #after(delayMs: number, next: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(next, delayMs)
    this.#timer.unref()
  }

  #finish(stage: InterruptOutcome['stage']): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer?.cancel()
    const tookMs = this.#clock.now() - this.#since
    this.#over.resolve(Object.freeze({ stage, survived: stage !== 'thread', tookMs }))
  }
}
