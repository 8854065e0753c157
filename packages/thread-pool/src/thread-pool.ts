import { availableParallelism } from 'node:os'
import {
  type Clock,
  ClosedError,
  type ListenOptions,
  systemClock,
  type WaitOptions,
} from '@cupola/core'
import {
  closesWithin,
  Deferred,
  Emitter,
  requireDuration,
  requireInteger,
  requireObject,
  requireOneOf,
} from '@cupola/core/authoring'
import type {
  ArgumentsOf,
  FunctionName,
  ItemOf,
  ResultOf,
  StreamName,
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
import { Admission, WHEN_FULL } from './admission.ts'
import type { BroadcastOptions, ThreadResult } from './broadcasts.ts'
import { type CallOptions, requestOf } from './call-options.ts'
import { type CallDiagnostics, callChannel, publish } from './diagnostics.ts'
import type { CrewLimits } from './crew-owner.ts'
import { Dispatcher } from './dispatcher.ts'
import { Histograms } from './histograms.ts'
import { LocalModule } from './local-module.ts'
import { Recycling } from './recycling.ts'
import { CallStream, type StreamOptions } from './call-stream.ts'
import { explainReference, InlineModule } from './inline.ts'
import {
  type MapItem,
  type MapName,
  mapped,
  type MapOptions,
  type MapSource,
  requireItems,
} from './map.ts'
import { refuse, tellSettled } from './settlement.ts'
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
 * `InterruptionOptions`. Calls that waited behind it run on another thread, or after it.
 *
 * A thread that dies rejects the call it was running with a `BrokenError`; those it had not begun
 * run on another. If it dies without a last word, as when memory runs out, that goes as well for
 * calls that had returned just before and whose answers were still waiting to travel together.
 *
 * If the worker module does not load, or its threads die before they begin a call, the pool does
 * not try for ever: calls reject with a `BrokenError` that says why, until {@link ThreadPool.resize}.
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
   * @param module - The worker module: a `file:` or `data:` URL, a path, or what `inline()` makes.
   *   Its exported functions are what {@link run} calls; but `init`, if it exports one, runs once in
   *   each thread before that takes calls, with the `workerData` of `workerOptions`, and `dispose`
   *   before a thread ends that is asked to. It loads when the first thread starts.
   * @param options - Sizes and limits.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(module: URL | string | InlineModule<Module>, options: ThreadPoolOptions = {}) {
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
    requireOneOf('whenFull', whenFull, WHEN_FULL)
    requireInteger('ageingMs', ageingMs, 1, Infinity)
    const isInline = module instanceof InlineModule
    const recipe = recipeOf(isInline ? module.url : module, workerOptions, errorClasses)
    this.#rethrow = rethrower(errorClasses, isInline ? explainReference : undefined)
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
    const local = new LocalModule(recipe.moduleUrl, workerOptions.workerData)
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
   * Cost: O(1). All calls of one turn of the event loop travel to a thread as one message, up to 256
   * of them. A call with a `signal`, a `timeout` or a `deadline` makes its thread send the answers
   * before it at once; one with `transfer` is sent ahead only behind short ones. An open call keeps
   * the process alive.
   *
   * @param name - The function.
   * @param args - Its arguments, copied by structured clone when the call is sent to a thread: at
   *   the end of this turn or later. Leave them as they are until the call has settled.
   * @param options - What may end the call early, and what is moved instead of copied.
   * @returns What the function returns, awaited and copied.
   * @throws What the function throws, with its class, `code`, own properties and `cause`. Its stack
   *   is the thread's, followed by that of whoever awaits this call.
   * @throws TypeError If an argument has the wrong type, or the module has no such function.
   * @throws RangeError If a number in `options` is out of its range.
   * @throws ClosedError If the pool is closed, or is terminated first without another reason.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws TimeoutError If the call runs for `options.timeout` milliseconds, or has not settled
   *   within `options.deadline`.
   * @throws FullError If all places are taken and `whenFull` does not make one, or if the call has to
   *   leave its place to another; `refused` is the call.
   * @throws BrokenError If its thread dies, the worker module does not load, or the result is nested
   *   too deeply to be read; then also if it travelled with such a result.
   * @throws DOMException `DataCloneError` if an argument or the result cannot be copied.
   */
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: CallOptions<ResultOf<Module, Name>> = {},
  ): Promise<ResultOf<Module, Name>> {
    if (!this.#channel.hasSubscribers) return this.#run(name, args, options)
    const call: CallDiagnostics = { pool: this, moduleUrl: this.#moduleUrl.href, name, args }
    return this.#channel.tracePromise(() => this.#run(name, args, options), call)
  }

  #run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: CallOptions<ResultOf<Module, Name>>,
  ): Promise<ResultOf<Module, Name>> {
    let call: Promise<unknown>
    try {
      call = this.#admit(requestOf(name, args, options))
    } catch (error) {
      return refuse(error, options)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function returns what the module's type says, short of what structured clone drops
    const result = call.catch(this.#rethrow) as Promise<ResultOf<Module, Name>>
    if (options.onSettled !== undefined) tellSettled(result, options.onSettled)
    return result
  }

  /**
   * Calls a function that gives one item after the other, such as a generator, and gives its items
   * here. The call is made when the first item is asked for, and keeps its thread until it has ended:
   * take all of them, or leave the loop. With one thread, do not wait for another call meanwhile.
   *
   * The function is never more than `highWaterMark` items ahead of whoever takes them. Items that are
   * promises are awaited; what the function returns at last is dropped.
   *
   * Cancellation: leaving the loop ends a generator where it stands, so that its `finally` runs, and
   * waits for that. `signal` and `timeout` end it the same way, but if it has not come to an end
   * within `checkpointMs` of `interruption`, its thread is given up.
   *
   * Cost: a message for each item, or for several if they come quickly, and one back for every half
   * of `highWaterMark`.
   *
   * @param name - The function: a generator, or any that returns an iterable or promises one.
   * @param args - Its arguments, copied by structured clone.
   * @param options - What may end it early, and how far it may be ahead.
   * @returns The items, for one loop. What `run` rejects with, this does when it is asked for an item.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  stream<Name extends StreamName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: StreamOptions = {},
  ): AsyncIterableIterator<ItemOf<Module, Name>, undefined> {
    requireObject('options', options)
    const { highWaterMark = 16, ...rest } = options
    requireInteger('highWaterMark', highWaterMark, 1, MOST_ITEMS_AHEAD)
    const request = { ...requestOf(name, args, rest), retries: undefined }
    const makeCall = (complete: CallRequest) => this.#admit(complete).catch(this.#rethrow)
    return new CallStream(request, highWaterMark, makeCall)
  }

  /**
   * Calls a function with each of many items, several at a time, and gives the results. Items are
   * read as results are taken: no more than `concurrency` are under way or waiting.
   *
   * The first failure ends it, be it a call's or the source's: the calls that are open are given up,
   * the source's `return()` is called, and the failure is thrown. Leaving the loop does the same.
   *
   * @param name - The function. It gets each item as its only argument.
   * @param items - The items. Those that are promises are awaited.
   * @param options - How many at a time, in which order, and what counts for each call.
   * @returns The results, for one loop. Nothing is read before the first is asked for. What
   *   {@link run} rejects with, this does when it is asked for a result.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  map<Name extends MapName<Module>>(
    name: Name,
    items: MapSource<MapItem<Module, Name>>,
    options: MapOptions = {},
  ): AsyncGenerator<ResultOf<Module, Name>, undefined> {
    requireObject('options', options)
    const { signal, ordered = true, concurrency, ...rest } = options
    if (concurrency !== undefined) requireInteger('concurrency', concurrency, 1, Infinity)
    requireItems(items)
    // Now, so that what is wrong is thrown here and not from the loop.
    requestOf(name, [], { signal, ...rest })
    const call = (item: MapItem<Module, Name>, itsSignal: AbortSignal) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the constraint of Name says just this, but the compiler cannot follow while Module is open
      const args = [item] as unknown as Readonly<ArgumentsOf<Module, Name>>
      return this.run(name, args, { ...rest, signal: itsSignal })
    }
    const limit = concurrency ?? 2 * this.size.maxThreads
    return mapped({ items, call, concurrency: limit, ordered, signal })
  }

  /**
   * Calls a function once on every thread that is there, in order behind what the thread has to do.
   * It starts none: a pool without threads gives nothing. A thread that is ended before its turn
   * comes is left out; one that dies by itself is a failure.
   *
   * Cancellation: aborting gives up all that have not ended. One that runs is ended as by {@link run}.
   *
   * @param name - The function.
   * @param args - Its arguments, copied by structured clone.
   * @param options - What may end it early, and whether threads that start later shall call it too.
   * @returns What each thread's call returned, when all have ended.
   * @throws What the first call that failed threw, when all have ended; a `BrokenError` if its
   *   thread died.
   * @throws TypeError or RangeError If an argument is not what it should be.
   * @throws ClosedError If the pool is closed.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws DOMException `DataCloneError` if an argument cannot be copied.
   */
  async broadcast<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options: BroadcastOptions = {},
  ): Promise<ThreadResult<ResultOf<Module, Name>>[]> {
    requireObject('options', options)
    const { replay = false, signal, timeout } = options
    const request = requestOf(name, args, { signal, timeout })
    if (this.closed) throw new ClosedError(`call "${name}"`, 'the thread pool')
    signal?.throwIfAborted()
    // A copy, because some calls may be sent much later.
    const own = { ...request, args: structuredClone(args), isPinned: true }
    const results = await this.#dispatcher.broadcasts.run(own, replay).catch(this.#rethrow)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as in `run`
    return results as ThreadResult<ResultOf<Module, Name>>[]
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
  tryClose(options?: WaitOptions): Promise<boolean> {
    return closesWithin(this, options, this.#clock)
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
    await this.#hold(this.#dispatcher.kill())
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
    const { openCalls, crew } = this.#dispatcher
    const { queued, retried } = openCalls
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
    return Object.freeze(this.#dispatcher.crew.roster.stats(this.#clock.now()))
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
    await this.#hold(this.#dispatcher.end())
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

/** More is a mistake: each may be here at once. */
const MOST_ITEMS_AHEAD = 1_000_000

/** No machine is served by more, and each has a heap of its own: more is a mistake. */
const MOST_THREADS = 1024

/** What was given: in a spread, `undefined` would be a value like any other. */
function withoutUndefined(size: ResizeOptions): Partial<CrewLimits> {
  return Object.fromEntries(Object.entries(size).filter(([, limit]) => limit !== undefined))
}
