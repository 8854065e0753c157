import { BrokenError, type Clock, InterruptedError } from '@cupola/core'
import type { Call } from './call.ts'
import { CallWindow } from './call-window.ts'
import { FunctionTable } from './function-table.ts'
import { InterruptGuard } from './interrupt-guard.ts'
import { packCalls } from './pack-calls.ts'
import { Interruption, type InterruptOutcome, type InterruptTarget } from './interruption.ts'
import type { InterruptionPlan } from './interruption-options.ts'
import {
  type AnswerBatch,
  type AnswerKind,
  BEGINS,
  HEEDED,
  type LoadedNames,
  type LoadFailure,
  RESUME,
  RETURNED,
  THREW,
  TOOK,
} from './messages.ts'
import { loadProblem } from './load-problem.ts'
import { findNesting } from './nesting.ts'
import { packError, type PackedError } from './pack-error.ts'
import type { Failure, ThreadOwner, ThreadRecipe } from './thread-owner.ts'
import { type Message, ThreadBody } from './thread-body.ts'
import { unpackTable } from './table.ts'
import { RemoteFailure, unpackError } from './unpack-error.ts'

/**
 * Where a thread is in its life, as its owner sees it. Every state leads to `gone` as well, when the
 * thread dies or is killed. A thread that is gone has no calls; its body may take a moment longer,
 * see {@link WorkerThread.exited}.
 *
 *   starting ──loaded──▶ ready ──leave()──▶ leaving ──last call ended──▶ gone
 */
export type ThreadState = 'starting' | 'ready' | 'leaving' | 'gone'

/** A call that is being interrupted. */
interface OpenInterruption {
  readonly call: Call
  readonly reason: unknown
  readonly ladder: Interruption
}

/**
 * One worker thread: sends it calls, takes its answers, interrupts what it is doing, and notices when
 * it dies. Which calls it gets, and what follows when it is gone, is its owner's part.
 */
export class WorkerThread {
  /** Node's number for the thread. */
  readonly threadId: number
  /** Resolves when its body has ended: `true`, or `false` if it would not and is lost. */
  readonly exited: Promise<boolean>
  readonly #owner: ThreadOwner
  readonly #recipe: ThreadRecipe
  readonly #clock: Clock
  readonly #body: ThreadBody
  readonly #window = new CallWindow(this)
  readonly #guard = new InterruptGuard()
  #state: ThreadState = 'starting'
  /** `undefined` until the module has loaded. */
  #functions: FunctionTable | undefined
  #interruption: OpenInterruption | undefined
  #heardAt: number
  #hasBegun = false

  /** @throws BrokenError If the thread that starts it would be its own ancestor. */
  constructor(recipe: ThreadRecipe, owner: ThreadOwner, clock: Clock) {
    const nesting = findNesting(recipe.moduleUrl)
    if (nesting !== undefined) throw new BrokenError('start a thread', nesting.problem)
    this.#owner = owner
    this.#recipe = recipe
    this.#clock = clock
    this.#heardAt = clock.now()
    const shared = { claims: this.#window.claims.buffer, guard: this.#guard.buffer }
    this.#body = new ThreadBody(recipe, shared, {
      onMessage: (message) => this.#onMessage(message),
      onUnreadable: (cause) => this.#onUnreadable(cause),
      onExit: (code, lastError) => this.#onExit(code, lastError),
    })
    this.threadId = this.#body.threadId
    this.exited = this.#body.exited
  }

  /** Where the thread is in its life. */
  get state(): ThreadState {
    return this.#state
  }

  /** How many calls it has that are neither answered nor taken back. */
  get inFlight(): number {
    return this.#window.size
  }

  /** How many milliseconds of work that probably is. */
  get loadMs(): number {
    return this.#window.loadMs
  }

  /** How many more calls it can be sent. */
  get room(): number {
    const takesCalls = this.#state === 'ready' && this.#interruption === undefined
    const { mostCalls = Infinity } = this.#recipe
    const left = mostCalls - this.#window.done - this.#window.size
    return takesCalls ? Math.min(this.#window.room, left) : 0
  }

  /** How many calls it has done, the interrupted among them. */
  get callsDone(): number {
    return this.#window.done
  }

  /** Which part of its time since it started it was not waiting for something to do. */
  get utilization(): number {
    return this.#body.utilization
  }

  /** For how long it has neither answered nor been woken from idleness, in milliseconds. */
  get quietMs(): number {
    return this.#clock.now() - this.#heardAt
  }

  /**
   * Sends calls as one message, at most {@link room}. Those that cannot be sent are rejected.
   *
   * @returns Whether all were sent.
   */
  send(calls: readonly Call[]): boolean {
    const functions = this.#functions
    const good = calls.filter((call) => functions?.checks(call))
    if (functions === undefined || good.length === 0) return calls.length === 0
    try {
      this.#sendTogether(good, functions)
    } catch (error) {
      // One of them has an argument that cannot be cloned; the others must not suffer for it.
      const [first] = good
      if (good.length > 1) for (const call of good) this.#sendAlone(call)
      else first?.reject(error)
      return false
    }
    return good.length === calls.length
  }

  /** Gets a call back unless it has begun. */
  takeBack(call: Call): boolean {
    if (!this.#window.takeBack(call)) return false
    this.#endIfDone()
    return true
  }

  /** Gets up to `most` calls back that have not begun and can be sent again, the newest, in order. */
  takeBackNewest(most: number = Infinity): Call[] {
    return this.#window.takeBackNewest(most)
  }

  /** The calls sent and not answered, in order. */
  calls(): Call[] {
    return this.#window.calls()
  }

  /** Whether it is inside that call now. */
  isRunning(call: Call): boolean {
    return this.#window.isRunning(call)
  }

  /**
   * Ends the call that it is inside. Until that is done it takes no calls; of those behind it the
   * owner should have got back what it can.
   *
   * @returns What it took. If the call is being interrupted already, what that will have taken.
   */
  interrupt(call: Call, reason: unknown, plan: InterruptionPlan): Promise<InterruptOutcome> {
    if (this.#interruption === undefined) {
      const ladder = new Interruption(this.#targetOf(call, reason, plan), plan, this.#clock)
      this.#interruption = { call, reason, ladder }
      void ladder.outcome.then((outcome) => this.#onInterrupted(call, outcome))
    }
    return this.#interruption.ladder.outcome
  }

  /** Nobody waits for its end any more: if it has not ended, it is lost. */
  lose(): void {
    this.#body.lose()
  }

  /** Takes the answers that have arrived, without waiting for the event loop to bring them. */
  drain(): void {
    this.#body.drain()
  }

  /** Lets the call send so many items more; 0 ends it at the next. Nothing, if it is not here. */
  grant(call: Call, items: number): void {
    if (this.isRunning(call)) this.#body.post({ creditOf: call.number, items })
  }

  /** Lets it end when its calls have ended. */
  leave(): void {
    if (this.#state === 'gone') return
    this.#state = 'leaving'
    this.#endIfDone()
  }

  /** Undoes {@link leave}, if it is still there. */
  stay(): void {
    if (this.#state === 'leaving') this.#state = 'ready'
  }

  /** Terminates it, whatever it is doing. Calls that it has begun fail. */
  kill(graceMs?: number): void {
    if (this.#state === 'gone') return
    this.#fall({ problem: 'its thread was terminated', cause: undefined }, 'asked')
    this.#body.terminate(graceMs)
  }

  /**
   * Asks Node once more to terminate it.
   *
   * @returns Resolves when its body has ended, which may be never. Does not keep the process alive.
   */
  async terminateAgain(): Promise<void> {
    await this.#body.terminateAgain()
  }

  /**
   * Asks what its heap holds. It tells between two calls.
   *
   * @returns Bytes; `undefined` if it is gone before it tells.
   */
  measureHeap(): Promise<number | undefined> {
    return this.#body.measureHeap()
  }

  #onMessage(message: Message): void {
    if (isAnswerBatch(message)) this.#onAnswers(message)
    // No sign that it goes on: as long as the call is open, those behind it wait.
    else if ('said' in message) this.#window.at(message.said)?.onWords(message.kind, message.words)
    else if ('names' in message) this.#onLoaded(message)
    else this.#onLoadFailure(message)
  }

  #onLoaded(loaded: LoadedNames): void {
    const { moduleUrl, lengths } = this.#recipe
    this.#functions = new FunctionTable(moduleUrl.href, loaded, lengths)
    if (this.#state !== 'starting') return
    this.#state = 'ready'
    this.#heardAt = this.#clock.now()
    this.#owner.onReady(this)
  }

  #onLoadFailure(failure: LoadFailure): void {
    const { moduleUrl, errorClasses } = this.#recipe
    const cause = unpackError(failure.error, errorClasses)
    this.#crash({ problem: loadProblem(moduleUrl, failure.inInit, cause), cause })
  }

  /** A value in it is nested deeper than this thread's stack allows. Nobody knows whose it was. */
  #onUnreadable(cause: unknown): void {
    this.#crash({ problem: 'an answer of its thread was unreadable', cause })
  }

  #onAnswers([numbers, kinds, packed, lengths]: AnswerBatch): void {
    const values = unpackTable(packed)
    this.#hasBegun = true
    if (lengths !== undefined) this.#functions?.learn(lengths)
    for (let index = 0; index < values.length; index++) {
      const number = typeof numbers === 'number' ? numbers + index : numbers[index]
      const kind = typeof kinds === 'number' ? kinds : kinds[index]
      const call = this.#window.at(number ?? 0)
      if (call !== undefined) this.#onAnswer(call, kind ?? RETURNED, values[index])
    }
    this.#heardAt = this.#clock.now()
    this.#endIfDone()
    this.#owner.onAnswers(this)
  }

  #onAnswer(call: Call, kind: AnswerKind, value: unknown): void {
    if (kind === RETURNED) {
      this.#close(call)
      call.resolve(value)
    } else if (kind === THREW) {
      this.#close(call)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread packs whatever a call throws, see `CallRunner`
      call.reject(new RemoteFailure(value as PackedError))
    } else if (kind === BEGINS) this.#owner.onBegin(call)
    else if (kind === HEEDED)
      this.#interruption?.ladder.heed(value === 'signal' ? value : 'checkpoint')
    else if (kind === TOOK) this.#recipe.onTook?.(call, Number(value))
    else this.#onStopped(call)
  }

  /** The call is over. */
  #close(call: Call): void {
    this.#window.answered(call)
    if (this.#interruption?.call === call) this.#interruption.ladder.ended()
  }

  #onStopped(call: Call): void {
    this.#window.answered(call)
    call.reject(this.#interruptedError(call, 'execution'))
    this.#interruption?.ladder.stopped()
  }

  #interruptedError(call: Call, stage: 'execution' | 'thread'): InterruptedError {
    const action = `finish the call of "${call.request.name}"`
    return new InterruptedError(action, stage, { cause: this.#interruption?.reason })
  }

  #onInterrupted(call: Call, outcome: InterruptOutcome): void {
    this.#interruption = undefined
    this.#owner.onInterrupted(this, call, outcome)
    if (this.#state === 'gone') return
    this.#endIfDone()
    this.#owner.onAnswers(this)
  }

  #targetOf(call: Call, reason: unknown, { threadMs }: InterruptionPlan): InterruptTarget {
    const { number } = call
    const { claims } = this.#window
    const guard = this.#guard
    const packed = packError(reason)
    return {
      threadId: this.threadId,
      tell: (raise) => {
        if (raise) guard.interrupt(number)
        this.#body.post({ interrupt: number, raise, reason: packed })
      },
      isMasked: () => guard.isMasked,
      isSheltered: () => guard.isMasked || guard.inScope,
      isAwaiting: () => claims.isAwaiting(number),
      seize: () => claims.seize(number),
      release: () => claims.release(number),
      resume: () => this.#body.post(RESUME),
      unreachable: () => this.#owner.onNoInspector(),
      giveUp: () => this.#giveUp(call, threadMs),
    }
  }

  #giveUp(call: Call, threadMs: number): void {
    // It may have ended at the last moment, and then this thread lives on.
    this.drain()
    if (call.thread !== this) return
    call.reject(this.#interruptedError(call, 'thread'))
    this.kill(threadMs)
  }

  /** An idle thread is not told to stop but to end: its own `exit` listeners run. */
  #endIfDone(): void {
    if (this.#state !== 'leaving' || this.#window.size > 0 || this.#interruption) return
    this.#state = 'gone'
    this.#body.end()
    const loaded = this.#functions !== undefined
    const hasBegun = this.#hasBegun
    this.#owner.onGone(this, { unbegun: [], failure: undefined, loaded, hasBegun })
  }

  #onExit(code: number, cause: unknown): void {
    const when = this.#functions ? '' : ` while it loaded ${this.#recipe.moduleUrl.href}`
    this.#crash({ problem: `its thread ended with exit code ${code}${when}`, cause })
  }

  #sendAlone(call: Call): void {
    if (this.#state !== 'gone') this.send([call])
    // A getter in an argument of another call has ended the thread meanwhile.
    else call.reject(new BrokenError(`call "${call.request.name}"`, 'its thread was terminated'))
  }

  #sendTogether(calls: readonly Call[], functions: FunctionTable): void {
    if (this.#window.size === 0) this.#heardAt = this.#clock.now()
    const first = this.#window.next
    // Before they are posted: a getter in an argument may do anything, such as ending this thread.
    for (const call of calls) {
      this.#window.add(call, this.#recipe.lengths.expectedMs(call.request.name))
    }
    try {
      const { batch, transfer } = packCalls(calls, first, functions)
      this.#body.post(batch, transfer)
    } catch (error) {
      this.#window.undo(calls, first)
      throw error
    }
  }

  /** It can go on no longer. */
  #crash(failure: Failure): void {
    if (this.#state === 'gone') return
    this.#fall(failure, 'by itself')
    this.#body.terminate()
  }

  #fall(failure: Failure, how: 'asked' | 'by itself'): void {
    this.drain()
    // The answer it had still to give was among them, or whoever heard that answer ended the thread.
    if (this.state === 'gone') return
    this.#state = 'gone'
    const unbegun = this.takeBackNewest()
    if (how === 'by itself') for (const call of unbegun) call.losses++
    const begun = this.calls()
    for (const call of begun) {
      this.#window.remove(call)
      const action = `finish the call of "${call.request.name}"`
      call.reject(new BrokenError(action, failure.problem, { cause: failure.cause }))
    }
    this.#interruption?.ladder.threadGone()
    this.#owner.onGone(this, {
      unbegun,
      failure: how === 'asked' ? undefined : failure,
      loaded: this.#functions !== undefined,
      hasBegun: this.#hasBegun || begun.length > 0,
    })
  }
}

function isAnswerBatch(message: Message): message is AnswerBatch {
  return Array.isArray(message)
}
