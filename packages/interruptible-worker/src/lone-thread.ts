import { AsyncResource } from 'node:async_hooks'
import { BrokenError, type Clock, ClosedError, InterruptedError } from '@cupola/core'
import { Deferred, type Emitter, fulfillsWithin, LinkedList } from '@cupola/core/authoring'
import { Breaker } from './breaker.ts'
import type { Call } from './call.ts'
import type { InterruptibleWorkerEvents } from './interruptible-worker-events.ts'
import type { InterruptibleWorkerStats } from './interruptible-worker-stats.ts'
import type { InterruptOutcome } from './interruption.ts'
import type { InterruptionPlan } from './interruption-options.ts'
import type { ThreadEnd, ThreadOwner, ThreadRecipe } from './thread-owner.ts'
import { WorkerThread } from './worker-thread.ts'

/** What a {@link LoneThread} can count. */
export type LoneThreadCounts = Omit<InterruptibleWorkerStats, 'completed' | 'failed' | 'cancelled'>

/**
 * The one thread of an interruptible worker, with those that replace it, and the calls that wait for
 * it. It is sent one call at a time: what is to be interrupted is never in doubt.
 *
 * Whatever tells the program something may be answered by it with a call of any method. So a call
 * must be in the queue or have a thread whenever an event is told.
 */
export class LoneThread implements ThreadOwner {
  readonly #recipe: ThreadRecipe
  readonly #plan: InterruptionPlan
  readonly #clock: Clock
  readonly #events: Emitter<InterruptibleWorkerEvents>
  readonly #waiting = new LinkedList<Call>()
  /** Threads whose bodies have not ended, lost ones among them. */
  readonly #bodies = new Set<WorkerThread>()
  /** Threads and what they tell belong to the worker, not to the call that led to their start. */
  readonly #context = new AsyncResource('InterruptibleWorker')
  readonly #interrupted = { idle: 0, signal: 0, checkpoint: 0, execution: 0, thread: 0 }
  /** `undefined` after a crash until the next call, and when it has ended. */
  #thread: WorkerThread | undefined
  #breaker: Breaker
  #restarted: Deferred<void> | undefined
  #ended = false
  #started = 0
  #crashed = 0
  #lost = 0
  #hasInspector = true

  constructor(
    recipe: ThreadRecipe,
    plan: InterruptionPlan,
    clock: Clock,
    events: Emitter<InterruptibleWorkerEvents>,
  ) {
    this.#recipe = recipe
    this.#plan = plan
    this.#clock = clock
    this.#events = events
    this.#breaker = this.#newBreaker()
    this.#start()
  }

  /** Node's number for the thread, −1 while there is none. */
  get threadId(): number {
    return this.#thread?.threadId ?? -1
  }

  /** Counts, in O(1). */
  get counts(): LoneThreadCounts {
    return {
      queued: this.#waiting.size,
      running: this.#thread?.inFlight ?? 0,
      started: this.#started,
      crashed: this.#crashed,
      lost: this.#lost,
      interrupted: Object.freeze({ ...this.#interrupted }),
      executionTerminable: this.#hasInspector,
    }
  }

  /** Takes on a call. */
  submit(call: Call): void {
    call.watchSignal((reason) => this.#giveUp(call, reason))
    this.#waiting.push(call)
    this.#advance()
  }

  /** Ends the call that runs, or drops the one that is next to. */
  async interrupt(reason: unknown, plan: InterruptionPlan): Promise<InterruptOutcome> {
    const thread = this.#thread
    const [call = this.#waiting.first] = thread?.calls() ?? []
    // Not before it is known which call is meant: that may have ended, and the next be on its way.
    thread?.drain()
    if (call?.list === this.#waiting || (call && thread?.takeBack(call))) this.#drop(call, reason)
    else if (call && thread?.isRunning(call)) return await thread.interrupt(call, reason, plan)
    return NOTHING_RAN
  }

  /** Replaces the thread, whatever it is doing. Resolves when the new one is ready. */
  restart(): Promise<void> {
    this.#ended = false
    this.#breaker.close()
    this.#breaker = this.#newBreaker()
    this.#restarted ??= new Deferred()
    const { promise } = this.#restarted
    const thread = this.#thread
    if (thread === undefined) this.#startOrFail()
    else this.#interruptAndKill(thread)
    return promise
  }

  /** Ends the thread once its call has ended; none is started any more. */
  async end(): Promise<void> {
    this.#ended = true
    this.#breaker.close()
    this.#stopRestart()
    this.#thread?.leave()
    await Promise.all([...this.#bodies].map((thread) => thread.exited))
  }

  /** Cancels all calls and ends all threads. Tells whether that worked. */
  async kill(reason: unknown, tries: number, intervalMs: number): Promise<boolean> {
    this.#ended = true
    this.#breaker.close()
    this.#stopRestart()
    this.#cancelAll(reason)
    this.#thread?.kill(tries * intervalMs)
    const bodies = [...this.#bodies]
    for (let left = tries; left > 0; left--) {
      const ended = Promise.all(bodies.map((thread) => thread.terminateAgain()))
      if (await fulfillsWithin(ended, { timeout: intervalMs }, this.#clock)) return true
    }
    // Now, so that it counts when this is heard.
    for (const thread of bodies) thread.lose()
    return false
  }

  onReady(thread: WorkerThread): void {
    this.#breaker.loaded()
    this.#restarted?.resolve()
    this.#restarted = undefined
    this.#advance()
    this.#events.emit('threadStart', { threadId: thread.threadId })
  }

  onBegin(call: Call): void {
    call.watchTime(this.#clock, (reason) => this.#giveUp(call, reason))
  }

  onAnswers(): void {
    this.#breaker.worked({ order: this.#started - 1 })
    this.#advance()
  }

  onInterrupted({ threadId }: WorkerThread, call: Call, outcome: InterruptOutcome): void {
    this.#interrupted[outcome.stage]++
    this.#events.emit('interrupt', { threadId, name: call.request.name, ...outcome })
  }

  onNoInspector(): void {
    this.#hasInspector = false
  }

  onGone(thread: WorkerThread, end: ThreadEnd): void {
    this.#thread = undefined
    for (const call of end.unbegun.toReversed()) this.#waiting.unshift(call)
    const started = this.#started
    this.#breaker.gone(end, { order: started - 1, started, isLast: true })
    if (end.failure !== undefined) this.#crashed++
    // Given up, not crashed: the next call shall not have to wait until the module has loaded.
    if (this.#restarted !== undefined || end.failure === undefined) this.#startOrFail()
    this.#advance()
    const { threadId } = thread
    const error = end.failure && brokenError('keep the thread', end.failure)
    this.#events.emit('threadExit', { threadId, error })
  }

  /** Sends the call whose turn it is. */
  #advance(): void {
    while (this.#waiting.first !== undefined) {
      if (this.#thread === undefined) this.#startOrFail()
      const thread = this.#thread
      if (thread === undefined || thread.room === 0 || thread.inFlight > 0) return
      const call = this.#waiting.shift()
      if (call !== undefined) thread.send([call])
    }
  }

  #startOrFail(): void {
    if (this.#ended) return
    if (this.#breaker.allowsStart) this.#start()
    const { failure } = this.#breaker
    if (failure === undefined) return
    this.#restarted?.reject(brokenError('restart the interruptible worker', failure))
    this.#restarted = undefined
    for (const call of this.#waiting) {
      this.#waiting.remove(call)
      call.reject(brokenError(`call "${call.request.name}"`, failure))
    }
  }

  /** Begins without a past: who restarts wants to hear at once that the module does not load. */
  #newBreaker(): Breaker {
    return new Breaker(this.#clock, () => this.#onRetry())
  }

  #onRetry(): void {
    if (this.#thread === undefined && this.#restarted !== undefined) this.#startOrFail()
    this.#advance()
  }

  #start(): void {
    const make = () => new WorkerThread(this.#recipe, this, this.#clock)
    try {
      this.#keep(this.#context.runInAsyncScope(make))
    } catch (cause) {
      const failure = { problem: 'no thread can be started', cause }
      this.#breaker.cannotStart(failure, this.#started)
    }
  }

  #keep(thread: WorkerThread): void {
    this.#started++
    this.#thread = thread
    this.#bodies.add(thread)
    void thread.exited.then(async (ended) => {
      if (!ended) {
        this.#lost++
        await thread.terminateAgain()
      }
      this.#bodies.delete(thread)
    })
  }

  /** The caller's signal has aborted, or the call has run for too long. */
  #giveUp(call: Call, reason: unknown): void {
    this.#waiting.remove(call)
    call.thread?.drain()
    const { thread } = call
    call.cancel(reason)
    if (thread === undefined) return
    if (thread.takeBack(call)) this.#advance()
    else if (thread.isRunning(call)) void thread.interrupt(call, reason, this.#plan)
  }

  #drop(call: Call, cause: unknown): void {
    this.#waiting.remove(call)
    call.cancel(new InterruptedError(`run "${call.request.name}"`, 'queued', { cause }))
    this.#advance()
  }

  /**
   * It leaves before it is killed, so that it is not sent another call when its last answer is read. A
   * call that it has not begun comes back from {@link onGone}, and runs on the next thread.
   */
  #interruptAndKill(thread: WorkerThread): void {
    thread.leave()
    for (const call of thread.calls()) {
      const action = `finish the call of "${call.request.name}"`
      if (thread.isRunning(call)) call.reject(new InterruptedError(action, 'thread'))
    }
    thread.kill(this.#plan.threadMs)
  }

  #cancelAll(reason: unknown): void {
    this.#thread?.drain()
    const thread = this.#thread
    for (const call of thread?.calls() ?? []) {
      thread?.takeBack(call)
      call.cancel(reason)
    }
    for (const call of this.#waiting) {
      this.#waiting.remove(call)
      call.cancel(reason)
    }
  }

  #stopRestart(): void {
    this.#restarted?.reject(new ClosedError('restart', 'the interruptible worker'))
    this.#restarted = undefined
  }
}

const NOTHING_RAN: InterruptOutcome = Object.freeze({ stage: 'idle', survived: true, tookMs: 0 })

function brokenError(action: string, { problem, cause }: { problem: string; cause: unknown }) {
  return new BrokenError(action, problem, { cause })
}
