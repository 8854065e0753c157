import {
  type Clock,
  ClosedError,
  type ListenOptions,
  systemClock,
  TimeoutError,
  type WaitOptions,
} from '@cupola/core'
import {
  closesWithin,
  Emitter,
  requireDuration,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import { Call } from './call.ts'
import type { InterruptibleWorkerEvents } from './interruptible-worker-events.ts'
import type {
  InterruptibleWorkerOptions,
  TerminateOptions,
} from './interruptible-worker-options.ts'
import type { InterruptibleWorkerStats } from './interruptible-worker-stats.ts'
import type { InterruptOutcome } from './interruption.ts'
import {
  type InterruptionOptions,
  type InterruptionPlan,
  planInterruption,
} from './interruption-options.ts'
import { Ledger } from './ledger.ts'
import { LoneThread } from './lone-thread.ts'
import { recipeOf } from './recipe-of.ts'
import { checkRun, type RunOptions } from './run-options.ts'
import { rethrower } from './unpack-error.ts'
import type { ArgumentsOf, FunctionName, ResultOf, WorkerModule } from './worker-module.ts'

/**
 * Runs the functions of one module on one thread, and ends what they are doing when it is not
 * wanted any more: if possible without losing the thread and the state of its module.
 *
 * Calls run one after the other, in the order they were made; an `async` function is awaited before
 * the next begins. A call that is given up by its `signal` or `timeout` rejects at once; the next
 * begins when the code has been ended. How that is done, step by step, {@link InterruptionOptions}
 * tells.
 *
 * When the execution of a function is terminated, neither `catch` nor `finally` run in it: let the
 * module mend its state with `onInterrupted`, and protect what must not be left half done with
 * `uninterruptible`, both of `@cupola/interruptible-worker/task`.
 *
 * A thread that dies rejects the call it was running with a `BrokenError`; the next call starts
 * another. If the worker module does not load, or its threads die before they begin a call, that is
 * not done for ever: calls reject with a `BrokenError` that says why, until {@link restart}. Once a
 * thread has loaded the module, two more attempts come first, after 100 ms and 200 ms.
 *
 * For work that several threads can share use `ThreadPool` of `@cupola/thread-pool`, which ends calls
 * in the same way.
 *
 * The thread starts at once. An idle worker does not keep the process alive; an open call does.
 *
 * @typeParam Module - The worker module's type: `typeof import('./work.js')`.
 *
 * @example End an endless loop, and keep what the module knows
 * ```ts
 * // count.js
 * let count = 0
 * export function increase() {
 *   return ++count
 * }
 * export function loopForEver() {
 *   for (;;);
 * }
 * ```
 * ```ts
 * import { InterruptibleWorker } from '@cupola/interruptible-worker'
 *
 * const worker = new InterruptibleWorker<typeof import('./count.js')>(
 *   new URL('./count.js', import.meta.url),
 * )
 * await worker.run('increase', []) // => 1
 * const endless = worker.run('loopForEver', [], { timeout: 10 }).catch((error) => error.code)
 * await endless // => 'ERR_TIMEOUT'
 * await worker.run('increase', []) // => 2
 * await worker.close()
 * ```
 */
export class InterruptibleWorker<Module extends object = WorkerModule> implements AsyncDisposable {
  readonly #events = new Emitter<InterruptibleWorkerEvents>()
  readonly #ledger = new Ledger(
    () => {},
    () => {},
  )
  readonly #plan: InterruptionPlan
  readonly #clock: Clock
  readonly #lone: LoneThread
  readonly #rethrow: (reason: unknown) => never
  #terminated = false
  #closing: Promise<void> | undefined

  /**
   * @param module - The worker module: a `file:` or `data:` URL, or a path. Its exported functions
   *   are what {@link run} calls.
   * @param options - How calls are ended, and what the thread is started with.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a duration is negative or `NaN`.
   */
  constructor(module: URL | string, options: InterruptibleWorkerOptions = {}) {
    requireObject('options', options)
    const {
      interruption = {},
      errorClasses = [],
      workerOptions = {},
      clock = systemClock,
    } = options
    const recipe = recipeOf(module, workerOptions, errorClasses)
    this.#plan = planInterruption(interruption)
    this.#clock = clock
    this.#rethrow = rethrower(errorClasses)
    this.#lone = new LoneThread(recipe, this.#plan, clock, this.#events)
  }

  /** Node's number for the thread, which changes when it is replaced; −1 while there is none. */
  get threadId(): number {
    return this.#lone.threadId
  }

  /** Whether it takes no more calls: after {@link close}, and from {@link terminate} to {@link restart}. */
  get closed(): boolean {
    return this.#terminated || this.#closing !== undefined
  }

  /**
   * Calls a function of the worker module in its thread, when the calls made before have ended.
   *
   * Arguments are copied when the call is sent to the thread: leave them alone until it has settled.
   *
   * Cancellation: a call that waits is dropped, and nothing of it runs. A running one rejects at once
   * and its code is ended, see {@link InterruptionOptions}.
   *
   * Cost: a message there and one back. An open call keeps the process alive.
   *
   * @param name - The exported function.
   * @param args - Its arguments; structured clone copies them.
   * @param options - What gives the call up, and what is moved.
   * @returns What the function returns, with its promise unwrapped, copied by structured clone.
   * @throws TypeError If an argument has the wrong type, or the module has no such function.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws ClosedError If the worker is closed, or is terminated before the call has ended.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws TimeoutError If the call runs for `options.timeout` milliseconds.
   * @throws InterruptedError If {@link interrupt} or {@link restart} ends it and the function does not
   *   end by itself before; `cause` is the reason.
   * @throws BrokenError If its thread dies, or the worker module does not load.
   * @throws DOMException `DataCloneError` if an argument or the result cannot be copied.
   */
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: RunOptions = {},
  ): Promise<ResultOf<Module, Name>> {
    let result: Promise<unknown>
    try {
      checkRun(name, args, options)
      result = this.#accept(name, args, options)
    } catch (error) {
      return Promise.reject(error)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function returns what the module's type says, short of what structured clone drops
    return result.catch(this.#rethrow) as Promise<ResultOf<Module, Name>>
  }

  /**
   * Ends the call that is running, whoever made it; those behind it run afterwards. A function that
   * notices decides how its call settles: with the `InterruptedError` of its checkpoint or any other
   * error, or with what it returns. One that does not notice is ended, and its call rejects with an
   * `InterruptedError`.
   *
   * If no call has begun, the one that is next is dropped: it rejects with an `InterruptedError` whose
   * stage is `queued`. If there is none either, nothing happens.
   *
   * Cost: waits for as long as the code takes to end, and keeps the process alive meanwhile. A thread
   * that does not even terminate is waited for no longer than `threadMs`, and counted as lost.
   *
   * @param reason - The `cause` of the `InterruptedError`, here and in the thread.
   * @param options - In what steps, where not as the worker was told at its making.
   * @returns What it took; if the call is being ended already, what that takes. `idle` if no code had
   *   to be ended.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a duration is negative or `NaN`.
   */
  async interrupt(reason?: unknown, options: InterruptionOptions = {}): Promise<InterruptOutcome> {
    const plan = planInterruption(options, this.#plan)
    return await this.#alive(() => this.#lone.interrupt(reason, plan))
  }

  /**
   * Replaces the thread, whatever it is doing. A running call rejects with an `InterruptedError`; the
   * calls that wait run on the new thread. Brings a worker back that was terminated, or whose module
   * would not load.
   *
   * @returns Resolves when the new thread has loaded the worker module.
   * @throws ClosedError If {@link close} was called, or is called before that; or {@link terminate}.
   * @throws BrokenError If the thread cannot be started or the module does not load.
   */
  async restart(): Promise<void> {
    if (this.#closing !== undefined) throw new ClosedError('restart', 'the interruptible worker')
    this.#terminated = false
    await this.#alive(() => this.#lone.restart())
  }

  /**
   * Accepts no more calls, rejects those accepted with a `ClosedError`, and ends the thread whatever
   * it is doing: tries, waits, and tries again. Calling it again tries again.
   *
   * @param options - How often, and how long each time.
   * @returns `true` as soon as no thread of the worker is left, also if there was none; `false` if
   *   one would not end.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `retries` is no integer from 0 up, or `intervalMs` negative or `NaN`.
   */
  async terminate(options: TerminateOptions = {}): Promise<boolean> {
    requireObject('options', options)
    const { retries = 15, intervalMs = 1000 } = options
    requireInteger('retries', retries, 0, Number.MAX_SAFE_INTEGER - 1)
    requireDuration('intervalMs', intervalMs)
    this.#terminated = true
    const reason = new ClosedError('finish the call', 'the interruptible worker')
    const ended = await this.#alive(() => this.#lone.kill(reason, retries + 1, intervalMs))
    if (this.#terminated) this.#ledger.close()
    return ended
  }

  /**
   * Accepts no more calls, finishes those accepted, then ends the thread. Calling it again gives the
   * same promise. A call that never ends keeps it waiting: see {@link tryClose}, {@link interrupt} and
   * {@link terminate}.
   *
   * A thread that is asked to end runs its `exit` listeners. One that has not ended after a second
   * is terminated; one that would not even terminate is given up and counted as `lost`.
   *
   * @returns Resolves when every call has settled and the thread has ended or is lost.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /**
   * {@link close}, and tells whether all had ended in time. If not, the closing goes on.
   *
   * Cancellation: aborting ends the waiting, not the closing. A signal that has aborted already
   * closes nothing.
   *
   * @param options - How long to wait, and what else ends the waiting. `timeout: 0` closes and tells
   *   whether there was nothing to wait for.
   * @returns `true` when every call has settled and the thread has ended, `false` if
   *   `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  tryClose(options?: WaitOptions): Promise<boolean> {
    return closesWithin(this, options, this.#clock)
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Counts, as they are now.
   *
   * Cost: O(1).
   */
  stats(): InterruptibleWorkerStats {
    const { completed, failed, cancelled } = this.#ledger.counts
    return Object.freeze({ ...this.#lone.counts, completed, failed, cancelled })
  }

  /**
   * Observes the worker.
   *
   * @param name - The event.
   * @param listener - Called synchronously. What it throws becomes an uncaught exception.
   * @param options - What ends the listening, besides disposing the result.
   * @returns Ends the listening when disposed.
   * @throws TypeError If `listener` is not a function, or the signal not an `AbortSignal`.
   * @throws `options.signal.reason`, if the signal has already aborted.
   */
  on<Name extends keyof InterruptibleWorkerEvents>(
    name: Name,
    listener: (event: InterruptibleWorkerEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /** In the order of every function of the toolkit: arguments, closed, aborted, time. */
  #accept(
    name: string,
    args: readonly unknown[],
    { signal, timeout = Infinity, transfer = [] }: RunOptions,
  ): Promise<unknown> {
    if (this.closed) throw new ClosedError(`call "${name}"`, 'the interruptible worker')
    signal?.throwIfAborted()
    if (timeout === 0) throw new TimeoutError(`finish the call of "${name}"`, 0)
    const request = { name, args, transfer, signal, timeout, ...DEFAULTS }
    const call = new Call(request, this.#ledger)
    this.#lone.submit(call)
    return call.promise
  }

  async #close(): Promise<void> {
    await this.#ledger.whenEmpty()
    await this.#alive(() => this.#lone.end())
    this.#ledger.close()
  }

  /** Somebody waits for what `work` promises: keeps the process alive until then. */
  async #alive<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#ledger.hold()
    try {
      return await work()
    } finally {
      this.#ledger.release()
    }
  }
}

/** What only calls of a pool have. */
const DEFAULTS = {
  deadline: Infinity,
  priority: 0,
  affinity: undefined,
  retries: undefined,
  interruptible: true,
} as const
