import { availableParallelism } from 'node:os'
import {
  type Clock,
  ClosedError,
  type ListenOptions,
  systemClock,
  type WaitOptions,
} from '@cupola/core'
import {
  checkWaitOptions,
  Deferred,
  Emitter,
  fulfillsWithin,
  requireDuration,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import type {
  ArgumentsOf,
  FunctionName,
  ResultOf,
  WorkerModule,
} from '@cupola/interruptible-worker'
import {
  type Call,
  type CallRequest,
  Ledger,
  planInterruption,
  recipeOf,
  rethrower,
} from '@cupola/interruptible-worker/authoring'
import { Admission, WHEN_FULL, type WhenFull } from './admission.ts'
import { type CallOptions, requestOf } from './call-options.ts'
import { type CallDiagnostics, callChannel, publish } from './diagnostics.ts'
import type { CrewLimits } from './crew.ts'
import { Dispatcher } from './dispatcher.ts'
import { Histograms } from './histograms.ts'
import { LocalModule } from './local-module.ts'
import { Recycling } from './recycling.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'
import type { ResizeOptions, ThreadPoolOptions } from './thread-pool-options.ts'
import type { TerminateReport, ThreadPoolStats, ThreadStats } from './thread-pool-stats.ts'

/**
 * Runs the functions of one module on several threads.
 *
 * Each thread loads the worker module once and runs one call at a time; an `async` function is
 * awaited before the next begins. Calls are dealt out in the order they were made and each thread
 * begins its own in that order, but several threads are at work at once, so calls end in any order.
 * Arguments and results are copied by structured clone.
 *
 * A call that is given up while it runs, by its `signal`, `timeout` or `deadline`, is ended by the
 * mildest means that works: its own signal, a checkpoint, the termination of what the thread
 * executes. Only a call that does not end so costs its thread, which is replaced: see
 * `InterruptionOptions`. Calls that waited behind it run on another thread, or after it. A
 * thread that dies rejects the call it was running with a `BrokenError`; those it had not begun run on another. If it
 * dies without a last word, as when memory runs out, that goes as well for calls that had returned
 * within the 0.1 ms before, whose answers were still waiting to travel together.
 *
 * If the worker module does not load, or its threads die before they begin a call, the pool does
 * not try for ever: calls reject with a `BrokenError` that says why.
 *
 * Use it for work that keeps a processor busy for longer than a message takes there and back, some
 * ten microseconds. For waiting on files and sockets the event loop is better.
 *
 * An idle pool does not keep the process alive; a pool with an open call does.
 *
 * @typeParam Module - The worker module's type: `typeof import('./work.js')`.
 *
 * @example Two threads
 * ```ts
 * // fibonacci.js
 * export function fibonacci(n = 0) {
 *   return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
 * }
 * ```
 * ```ts
 * import { ThreadPool } from '@cupola/thread-pool'
 *
 * const pool = new ThreadPool<typeof import('./fibonacci.js')>(
 *   new URL('./fibonacci.js', import.meta.url),
 *   { maxThreads: 2 },
 * )
 * await Promise.all([pool.run('fibonacci', [20]), pool.run('fibonacci', [21])]) // => [6765, 10946]
 * await pool.close()
 * ```
 */
export class ThreadPool<Module extends object = WorkerModule> implements AsyncDisposable {
  readonly #events = new Emitter<ThreadPoolEvents>()
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #dispatcher: Dispatcher
  readonly #admission: Admission
  readonly #moduleUrl: URL
  readonly #histograms: Histograms | undefined
  readonly #channel = callChannel()
  readonly #rethrow: (reason: unknown) => never
  #closing: Promise<void> | undefined

  /**
   * @param module - The worker module: a `file:` or `data:` URL, or a path. Its exported functions
   *   are what {@link run} calls. It loads when the first thread starts.
   * @param options - Sizes and limits.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(module: URL | string, options: ThreadPoolOptions = {}) {
    requireObject('options', options)
    const {
      minThreads = 0,
      maxThreads = Math.max(availableParallelism() - 1, minThreads, 1),
      idleTimeoutMs = 60_000,
      queueCapacity = Infinity,
      whenFull = 'reject',
      ageingMs = 1000,
      errorClasses = [],
      workerOptions = {},
      interruption = {},
      recycle,
      histograms = false,
      clock = systemClock,
    } = options
    checkSize(minThreads, maxThreads)
    requireDuration('idleTimeoutMs', idleTimeoutMs)
    requireInteger('queueCapacity', queueCapacity, 0, Infinity)
    requireWhenFull(whenFull)
    requireInteger('ageingMs', ageingMs, 1, Infinity)
    const recipe = recipeOf(module, workerOptions, errorClasses)
    this.#rethrow = rethrower(errorClasses)
    this.#clock = clock
    const ledger = new Ledger(
      () => this.#admission.serve(),
      () => this.#onIdle(),
    )
    this.#moduleUrl = recipe.moduleUrl
    publish(this.#events, { pool: this, moduleUrl: recipe.moduleUrl.href })
    if (histograms) this.#histograms = new Histograms()
    const owner = new Dispatcher(
      {
        ...recipe,
        onOutput: (threadId, stream, text) => {
          this.#events.emit('output', { threadId, stream, text })
        },
        onTook: this.#histograms && ((call, tookMs) => this.#onTook(call, tookMs)),
      },
      { minThreads, maxThreads, idleTimeoutMs },
      planInterruption(interruption),
      { ageingMs, recycling: Recycling.from(recycle, clock), clock, ledger, events: this.#events },
    )
    const places = () => queueCapacity + owner.crew.limits.maxThreads
    const local = new LocalModule(recipe.moduleUrl)
    this.#admission = new Admission({ whenFull, places, ledger, owner, module: local, clock })
    this.#ledger = ledger
    this.#dispatcher = owner
  }

  /** Whether {@link close} or {@link terminate} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** The size limits in force. */
  get size(): { readonly minThreads: number; readonly maxThreads: number } {
    const { minThreads, maxThreads } = this.#dispatcher.crew.limits
    return { minThreads, maxThreads }
  }

  /**
   * Calls a function of the worker module on one of the threads.
   *
   * Cancellation: a call that has not begun is taken back, whether it waits in the pool or ahead of
   * a thread, and nothing of it runs. One that has begun rejects at once and is ended as
   * `InterruptionOptions` says.
   *
   * Cost: O(1). All calls of one turn of the event loop travel to a thread as one message, up to 64
   * of them. A call with a `signal` or a `timeout` makes its thread send the answers before it at
   * once; one with `transfer` waits until a thread has nothing else to do. An open call keeps the
   * process alive.
   *
   * @param name - The function.
   * @param args - Its arguments, copied by structured clone when the call is sent to a thread: at
   *   the end of this turn or later. Leave them as they are until the call has settled.
   * @param options - What may end the call early, and what is moved instead of copied.
   * @returns What the function returns, awaited and copied.
   * @throws What the function throws, with its class, `code`, own properties and `cause`. Its stack
   *   is the thread's, followed by that of whoever awaits this call.
   * @throws TypeError If an argument has the wrong type, or the module has no such function.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws ClosedError If the pool is closed.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws TimeoutError If the call runs for `options.timeout` milliseconds, or has not settled
   *   within `options.deadline`.
   * @throws FullError If all places are taken; `refused` is the call.
   * @throws BrokenError If its thread dies, the worker module does not load, or the result is nested
   *   too deeply to be read; then also if it travelled with such a result.
   * @throws DOMException `DataCloneError` if an argument or the result cannot be copied.
   */
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: CallOptions = {},
  ): Promise<ResultOf<Module, Name>> {
    if (!this.#channel.hasSubscribers) return this.#run(name, args, options)
    const call: CallDiagnostics = { pool: this, moduleUrl: this.#moduleUrl.href, name, args }
    return this.#channel.tracePromise(() => this.#run(name, args, options), call)
  }

  #run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: CallOptions,
  ): Promise<ResultOf<Module, Name>> {
    let result: Promise<unknown>
    try {
      result = this.#admit(requestOf(name, args, options))
    } catch (error) {
      return Promise.reject(error)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function returns what the module's type says, short of what structured clone drops
    return result.catch(this.#rethrow) as Promise<ResultOf<Module, Name>>
  }

  /**
   * Waits until there is a place for a call, which need not be long: a way to make calls no faster
   * than they are done. The place is nobody's: this turn of the event loop belongs to whoever was
   * told of it, and then the next who waits is told. First come, first served, together with the
   * calls that wait if `whenFull` is `'wait'`.
   *
   * Cancellation: aborting gives up the turn and takes nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Resolves when a call would be accepted.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws ClosedError If the pool is closed, or is closed during the wait.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   */
  ready(options: WaitOptions = {}): Promise<void> {
    return this.#admission.ready(options)
  }

  /**
   * Changes the limits. New threads start as calls need them, up to `minThreads` at once. When
   * there are too many, idle threads end at once and busy ones after the call they are running; the
   * calls behind it go to other threads. An `idleTimeoutMs` counts from the last call of each thread.
   *
   * A pool that is broken, because its threads could not be started, tries again.
   *
   * Cost: O(threads). The wait keeps the process alive.
   *
   * @param size - The limits to change; those left out stay.
   * @returns Resolves when `minThreads` threads are ready and no more than `maxThreads` are left. If
   *   the limits change again meanwhile, the new ones count.
   * @throws TypeError If a limit is not a number.
   * @throws RangeError If a limit is no integer or out of its range.
   * @throws ClosedError If the pool is closed, or is closed before the limits are reached.
   * @throws BrokenError If threads cannot be started.
   */
  async resize(size: ResizeOptions): Promise<void> {
    requireObject('size', size)
    const limits = { ...this.#dispatcher.crew.limits, ...withoutUndefined(size) }
    checkSize(limits.minThreads, limits.maxThreads)
    requireDuration('idleTimeoutMs', limits.idleTimeoutMs)
    if (this.closed) throw new ClosedError('resize', 'the thread pool')
    const resized = this.#dispatcher.crew.resize(limits)
    this.#admission.serve()
    await this.#hold(resized)
  }

  /**
   * Starts threads before there are calls for them, all at once, and waits until they have loaded
   * the worker module. Those beyond `minThreads` end again when they have had no call for
   * `idleTimeoutMs`.
   *
   * Cost: O(threads). The wait keeps the process alive.
   *
   * @param threads - How many are wanted, from 0 to `maxThreads`. Those that there are count.
   * @returns Resolves when so many are ready, or as many as `maxThreads` allows by then.
   * @throws TypeError If `threads` is not a number.
   * @throws RangeError If `threads` is no integer or out of its range.
   * @throws ClosedError If the pool is closed, or is closed meanwhile.
   * @throws BrokenError If threads cannot be started.
   *
   * @defaultValue `threads` is `maxThreads`
   */
  async warmUp(threads: number = this.size.maxThreads): Promise<void> {
    requireInteger('threads', threads, 0, this.size.maxThreads)
    if (this.closed) throw new ClosedError('warm up', 'the thread pool')
    await this.#hold(this.#dispatcher.crew.warmUp(threads))
  }

  /**
   * Accepts no more calls, finishes those accepted, then ends the threads. Calling it again gives
   * the same promise. A call that never ends keeps it waiting: see {@link tryClose} and
   * {@link terminate}.
   *
   * A thread that is asked to end runs its `exit` listeners. One that has not ended after a second
   * is terminated; one that would not even terminate is given up and counted as `lost`.
   *
   * @returns Resolves when every call has settled and every thread has ended or is lost.
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
   * @returns `true` when every call has settled and every thread has ended, `false` if
   *   `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async tryClose(options: WaitOptions = {}): Promise<boolean> {
    checkWaitOptions(options)
    if (options.signal?.aborted) throw options.signal.reason
    return await fulfillsWithin(this.close(), options, this.#clock)
  }

  /**
   * Accepts no more calls, fails those accepted with `reason`, and ends the threads whatever they
   * are doing. Cuts a {@link close} short that is still waiting; calling it again finds nothing.
   *
   * @param reason - What the open calls reject with, as it is.
   * @returns What it found, when every thread has ended or is known to be lost.
   *
   * @defaultValue `reason` is a `ClosedError`
   */
  async terminate(
    reason: unknown = new ClosedError('finish the call', 'the thread pool'),
  ): Promise<TerminateReport> {
    const ended = new Deferred<void>()
    // Closed before anything is told: a listener may call right now.
    this.#closing ??= ended.promise
    const onCaller = this.#admission.terminate(reason)
    const { unbegun, interrupted } = this.#dispatcher.terminate(reason)
    await this.#dispatcher.kill()
    this.#ledger.close()
    ended.resolve()
    return {
      unbegun: unbegun.map(({ request: { name, args } }) => ({ name, args })),
      interrupted: interrupted + onCaller,
    }
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Counts, as they are now.
   *
   * Cost: O(threads).
   */
  stats(): ThreadPoolStats {
    const { queued, retried, crew } = this.#dispatcher
    const { open, counts } = this.#ledger
    const { waiting } = this.#admission
    const accepted = open + counts.completed + counts.failed + counts.cancelled + counts.dropped
    const durations = this.#histograms?.summarize()
    const calls = { queued, waiting, accepted, ...counts, retried, durations }
    return Object.freeze({ ...crew.counts, ...calls })
  }

  /**
   * The threads one by one, as they are now, in the order they were started.
   *
   * Cost: O(threads).
   */
  threadStats(): readonly ThreadStats[] {
    return Object.freeze(this.#dispatcher.crew.threadStats())
  }

  /**
   * Observes the pool.
   *
   * @param name - The event.
   * @param listener - Called synchronously. What it throws becomes an uncaught exception.
   * @param options - What ends the listening, besides disposing the result.
   * @returns Ends the listening when disposed.
   * @throws TypeError If `listener` is not a function, or the signal not an `AbortSignal`.
   * @throws `options.signal.reason`, if the signal has already aborted.
   */
  on<Name extends keyof ThreadPoolEvents>(
    name: Name,
    listener: (event: ThreadPoolEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /** In the order of every function of the toolkit: arguments, closed, aborted, room, time. */
  #admit(request: CallRequest): Promise<unknown> {
    if (this.closed) throw new ClosedError(`call "${request.name}"`, 'the thread pool')
    request.signal?.throwIfAborted()
    return this.#admission.admit(request)
  }

  async #close(): Promise<void> {
    this.#admission.close()
    await this.#ledger.whenEmpty()
    await this.#dispatcher.end()
    this.#ledger.close()
  }

  /** The process does not end before it has settled. */
  async #hold(promise: Promise<void>): Promise<void> {
    this.#ledger.hold()
    try {
      await promise
    } finally {
      this.#ledger.release()
    }
  }

  #onTook(call: Call, tookMs: number): void {
    const waitedMs = this.#clock.now() - call.queuedAt - tookMs
    this.#histograms?.record(Math.max(waitedMs, 0), tookMs)
  }

  #onIdle(): void {
    this.#events.emit('idle', { completed: this.#ledger.counts.completed })
  }
}

/** The first of the two by itself first: the default of the other depends on it. */
function checkSize(minThreads: number, maxThreads: number): void {
  requireInteger('minThreads', minThreads, 0, MOST_THREADS)
  requireInteger('maxThreads', maxThreads, 1, MOST_THREADS)
  requireInteger('minThreads', minThreads, 0, maxThreads)
}

function requireWhenFull(whenFull: WhenFull): void {
  if (WHEN_FULL.includes(whenFull)) return
  const known = WHEN_FULL.map((each) => `'${each}'`).join(', ')
  throw new RangeError(`Cannot use whenFull: got ${String(whenFull)}, expected one of ${known}`)
}

/** No machine is served by more, and each has a heap of its own: more is a mistake. */
const MOST_THREADS = 1024

/** What was given: in a spread, `undefined` would be a value like any other. */
function withoutUndefined(size: ResizeOptions): Partial<CrewLimits> {
  return Object.fromEntries(Object.entries(size).filter(([, limit]) => limit !== undefined))
}
