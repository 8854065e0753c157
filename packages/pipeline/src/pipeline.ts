import { type Clock, systemClock } from '@cupola/core'
import {
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import type { ResultOf, ThreadPool } from '@cupola/thread-pool'
import { Batch, type BatchOptions } from './batch.ts'
import { drain } from './drain.ts'
import { Iteration } from './iteration.ts'
import { isPromiseLike } from './promise-like.ts'
import type { RunReport } from './report.ts'
import { checkRunOptions, type Run, type RunOptions } from './run.ts'
import { checkSource, type Source, SourceStage } from './source.ts'
import type { Open, Stage } from './stage.ts'
import type { StageContext } from './stage-context.ts'
import { defaultConcurrency, type FunctionFor, viaPool } from './via.ts'
import { DROPPED, Window, type Work } from './window.ts'

/** How a pipeline is set up. */
export interface PipelineOptions {
  /**
   * Whose milliseconds `afterMs`, `progressIntervalMs` and `elapsedMs` count.
   *
   * @defaultValue {@link systemClock}
   */
  readonly clock?: Clock | undefined
}

/** How a stage calls its function. */
export interface StageOptions {
  /**
   * How many items may be at the stage at once, from 1 up: those whose calls are in flight, and
   * those whose answers the stage below has no room for yet.
   *
   * @defaultValue 1; for `via`, twice the pool's `maxThreads` when the run begins
   */
  readonly concurrency?: number | undefined
  /**
   * Whether items leave in the order in which they came. A slow item then holds up those behind it,
   * and while it does, its stage has fewer calls in flight. `false` lets them leave as they are
   * done.
   *
   * @defaultValue true
   */
  readonly ordered?: boolean | undefined
}

/** How {@link Pipeline.forEach} calls its function, and what may end the run. */
export interface ForEachOptions extends RunOptions {
  /**
   * How many calls may be in flight at once, from 1 up.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number | undefined
}

/**
 * Describes a pipeline that reads `source`. Nothing is read before {@link Pipeline.toArray},
 * {@link Pipeline.forEach}, {@link Pipeline.run} or an iteration asks for it.
 *
 * Each of these reads the source anew. An array can be read again and again, a generator object or
 * a stream once; give a function that makes the source where a pipeline shall run more than once.
 *
 * A source that waits for long should be such a function too and heed the `signal` it is given: a run
 * that ends early waits for the item it has asked for. A `Readable` is destroyed and needs no care.
 * A source that a run never began to read is left as it is, as `for await` leaves it: one whose
 * signal had aborted beforehand destroys no stream.
 *
 * @param source - An iterable, an async iterable, a `Readable`, or a function that gives one and is
 *   called once per run. Items that are promises are awaited.
 * @param options - The clock.
 * @returns The description, to be extended by stages.
 * @throws TypeError If `source` is none of these, or the clock no object.
 *
 * @example Read with a generator
 * ```ts
 * import { pipeline } from '@cupola/pipeline'
 *
 * const pages = pipeline(async function* () {
 *   for (let page = 1; page <= 3; page++) yield `page ${page}`
 * })
 * await pages.toArray() // => ['page 1', 'page 2', 'page 3']
 * ```
 */
export function pipeline<T>(source: Source<T>, options: PipelineOptions = {}): Pipeline<T> {
  checkSource(source)
  const { clock = systemClock } = options
  requireObject('clock', clock)
  return new Pipeline((run) => new SourceStage(run, source), clock)
}

/**
 * A source and the stages that its items go through, made by {@link pipeline}. It is a description:
 * each stage gives a new one and leaves this one as it was, and nothing runs before `toArray`,
 * `forEach`, `run` or an iteration.
 *
 * Stages take items only as those below have room for them, so a run holds no more items at a time
 * than its `concurrency` numbers and twice its batch sizes add up to, however long the source is. All stages
 * are at work at the same time. Items that wait for nobody, of plain functions over a plain
 * iterable, pass in one go, and like a `for` loop do not let the event loop turn.
 *
 * A run ends early when a function throws or rejects, when its `signal` aborts, or when its
 * iteration is left. Then nothing more is begun; the functions in flight are told by the `signal`
 * they were given, and waited for; and the source's `return()` is called once and waited for. After
 * that the run rejects with what ended it, untouched. If other things went wrong meanwhile, it
 * rejects with an `AggregateError` of all, the one that ended it first. Errors that only say that
 * the run was ended do not count: the reason of the signal, an error with it as its `cause`, an
 * `AbortError`, a stream that broke off.
 *
 * All functions run in the `AsyncLocalStorage` context of whoever began the run.
 *
 * An array and `Promise.all` is less to read where all items fit into memory and may begin at once.
 *
 * @typeParam T - What arrives at its end.
 */
export class Pipeline<T> implements AsyncIterable<T> {
  readonly #open: Open<T>
  readonly #clock: Clock

  /** @internal */
  constructor(open: Open<T>, clock: Clock) {
    this.#open = open
    this.#clock = clock
  }

  /**
   * Adds a stage that replaces each item by what `fn` makes of it.
   *
   * Cancellation: calls in flight are told by their `signal` and waited for; what they return then
   * is dropped.
   *
   * Cost: for a function that returns at once, a call; for one that returns a promise, one more
   * promise and a place in the window.
   *
   * @param fn - Called with the item and a `signal`; may be async.
   * @param options - How many calls at once, and whether the order stays.
   * @returns The longer pipeline.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If `concurrency` is no integer from 1 up.
   *
   * @example Two at a time, in order
   * ```ts
   * import { setTimeout as sleep } from 'node:timers/promises'
   * import { pipeline } from '@cupola/pipeline'
   *
   * const delays = pipeline([20, 10, 0]).map(
   *   async (ms, { signal }) => sleep(ms, `${ms} ms`, { signal }),
   *   { concurrency: 2 },
   * )
   * await delays.toArray() // => ['20 ms', '10 ms', '0 ms']
   * ```
   */
  map<Out>(
    fn: (item: T, context: StageContext) => Out | PromiseLike<Out>,
    options: StageOptions = {},
  ): Pipeline<Out> {
    requireFunction('fn', fn)
    return this.#window('map', fn, options)
  }

  /**
   * Adds a stage that replaces each item by what a function of a pool's worker module makes of it.
   * Each item is one call, with the item as its only argument; only functions that can be called so
   * are accepted.
   *
   * The pool stays yours: the pipeline does not close it, and several may share it. If it limits its
   * queue, `concurrency` has to fit in, as a `FullError` ends the run like any failure.
   *
   * Cancellation: the run's signal goes to the pool. Calls that have not begun are taken back; those
   * that have are ended with their threads.
   *
   * Cost: one call of the pool per item. Where an item is little work, a higher `concurrency` lets
   * more calls travel in one message, and batches make fewer calls of them.
   *
   * @param pool - Where the calls go.
   * @param name - The function.
   * @param options - How many calls at once, and whether the order stays.
   * @returns The longer pipeline.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If `concurrency` is no integer from 1 up.
   *
   * @example Square on threads
   * ```ts
   * // square.js
   * export function square(n = 0) {
   *   return n * n
   * }
   * ```
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   * import { ThreadPool } from '@cupola/thread-pool'
   *
   * const pool = new ThreadPool<typeof import('./square.js')>(
   *   new URL('./square.js', import.meta.url),
   * )
   * await pipeline([1, 2, 3]).via(pool, 'square').toArray() // => [1, 4, 9]
   * await pool.close()
   * ```
   */
  via<Module extends object, Name extends FunctionFor<Module, T>>(
    pool: ThreadPool<Module>,
    name: Name,
    options: StageOptions = {},
  ): Pipeline<ResultOf<Module, Name>> {
    requireObject('pool', pool)
    const call = viaPool<Module, T, Name>(pool, name)
    return this.#window(`via ${name}`, call, options, () => defaultConcurrency(pool))
  }

  /**
   * Adds a stage that lets only those items pass for which `fn` answers `true`. A type guard narrows
   * the items below.
   *
   * Cancellation and cost: as {@link Pipeline.map}.
   *
   * @param fn - Called with the item and a `signal`; may be async.
   * @param options - How many calls at once, and whether the order stays.
   * @returns The longer pipeline.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If `concurrency` is no integer from 1 up.
   *
   * @example Narrow
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * const lengths = pipeline(['one', undefined, 'three'])
   *   .filter((word) => word !== undefined)
   *   .map((word) => word.length)
   * await lengths.toArray() // => [3, 5]
   * ```
   */
  filter<Kept extends T>(
    fn: (item: T, context: StageContext) => item is Kept,
    options?: StageOptions,
  ): Pipeline<Kept>
  filter(
    fn: (item: T, context: StageContext) => boolean | PromiseLike<boolean>,
    options?: StageOptions,
  ): Pipeline<T>
  filter(
    fn: (item: T, context: StageContext) => boolean | PromiseLike<boolean>,
    options: StageOptions = {},
  ): Pipeline<T> {
    requireFunction('fn', fn)
    const work: Work<T, T> = (item, context) => {
      const kept = fn(item, context)
      if (isPromiseLike(kept)) return kept.then((late) => (late ? item : DROPPED))
      return kept ? item : DROPPED
    }
    return this.#window('filter', work, options)
  }

  /**
   * Adds a stage that calls `fn` with each item and hands the item on when it is done.
   *
   * Cancellation and cost: as {@link Pipeline.map}.
   *
   * @param fn - Called with the item and a `signal`; may be async. What it returns is dropped.
   * @param options - How many calls at once, and whether the order stays.
   * @returns The longer pipeline.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If `concurrency` is no integer from 1 up.
   *
   * @example Look at what passes
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * let bytes = 0
   * const chunks = pipeline(['ab', 'c']).tap((chunk) => (bytes += chunk.length))
   * await chunks.toArray() // => ['ab', 'c']
   * bytes // => 3
   * ```
   */
  tap(fn: (item: T, context: StageContext) => unknown, options: StageOptions = {}): Pipeline<T> {
    return this.#tap('tap', fn, options)
  }

  /**
   * Adds a stage that gathers items into arrays. The order stays.
   *
   * A batch counts as one item for the stages below. While one is worked on there, the next is
   * gathered, if its items have to be waited for.
   *
   * Cost: one array per batch, and with `afterMs` one timer per batch that had to wait, which keeps
   * the process alive.
   *
   * @param options - When a batch is handed on.
   * @returns The longer pipeline. Its arrays are yours.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `size` is no integer from 1 up, or `afterMs` negative or `NaN`.
   *
   * @example Pairs
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * await pipeline('abcde').batch({ size: 2 }).toArray() // => [['a', 'b'], ['c', 'd'], ['e']]
   * ```
   */
  batch(options: BatchOptions): Pipeline<T[]> {
    requireCount('size', options.size)
    if (options.afterMs !== undefined) requireDuration('afterMs', options.afterMs)
    return this.#extend((run, upstream) => new Batch(run, upstream, options))
  }

  /**
   * Runs the pipeline and gathers what arrives at its end, in memory.
   *
   * Cancellation: as {@link Pipeline.run}.
   *
   * @param options - What may end the run, and who hears of its progress.
   * @returns The items.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `progressIntervalMs` is out of its range.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the source or a function throws, as it is.
   * @throws AggregateError If functions in flight failed by themselves when the run had ended.
   *
   * @example Every item, in order
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * const lengths = pipeline(['one', 'three']).map(async (word) => word.length)
   * await lengths.toArray() // => [3, 5]
   * ```
   */
  async toArray(options: RunOptions = {}): Promise<T[]> {
    const items: T[] = []
    await drain(this.#open, this.#clock, options, (item) => items.push(item))
    return items
  }

  /**
   * Runs the pipeline and calls `fn` with each item at its end. With `concurrency` above 1 calls
   * begin in the order of the items and end in any.
   *
   * Cancellation: as {@link Pipeline.run}.
   *
   * @param fn - Called with the item and a `signal`; may be async. What it returns is dropped.
   * @param options - How many calls at once, what may end the run, and who hears of its progress.
   * @returns How far the run had come when it ended: all the way.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If an option is out of its range.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the source or a function throws, as it is.
   * @throws AggregateError If functions in flight failed by themselves when the run had ended.
   *
   * @example Add up
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * let sum = 0
   * const report = await pipeline([1, 2, 3]).forEach((n) => {
   *   sum += n
   * })
   * sum // => 6
   * report.items // => 3
   * ```
   */
  async forEach(
    fn: (item: T, context: StageContext) => unknown,
    options: ForEachOptions = {},
  ): Promise<RunReport> {
    const { concurrency } = options
    return await this.#tap('forEach', fn, { concurrency, ordered: false }).run(options)
  }

  /**
   * Runs the pipeline for what its stages do, dropping what arrives at its end.
   *
   * Cancellation: an abort begins nothing more, tells the functions in flight and waits for them and
   * for the source. No listener stays on the signal, however the run ends.
   *
   * Cost: what its stages cost. Nothing but the functions' own doing, and the timer of a batch that
   * waits, keeps the process alive.
   *
   * @param options - What may end the run, and who hears of its progress.
   * @returns How far the run had come when it ended: all the way.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `progressIntervalMs` is out of its range.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the source or a function throws, as it is.
   * @throws AggregateError If functions in flight failed by themselves when the run had ended.
   *
   * @example How much went where
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * const { read, items, stages } = await pipeline([1, 2, 3, 4])
   *   .filter((n) => n % 2 === 0)
   *   .run()
   * read // => 4
   * items // => 2
   * stages // => [{ name: 'filter', taken: 4, done: 4, inFlight: 0 }]
   * ```
   */
  run(options: RunOptions = {}): Promise<RunReport> {
    return drain(this.#open, this.#clock, options, () => {})
  }

  /**
   * Runs the pipeline as its items are asked for: what `for await` over the pipeline itself does,
   * with options. The run begins with the first `next()`. Stages work ahead of the asking until they
   * are full.
   *
   * Cancellation: leaving the loop ends the run; the leaving waits until it is over, and throws what
   * failed unasked. An iterator that is abandoned without `return()` leaves its run standing still.
   * A failure or an abort drops what was ready but not asked for.
   *
   * @param options - What may end the run, and who hears of its progress.
   * @returns The items, to be read once. Its `next()` rejects as {@link Pipeline.run} does, once;
   *   after that it is done.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `progressIntervalMs` is out of its range.
   *
   * @example Stop at the first that fits
   * ```ts
   * import { pipeline } from '@cupola/pipeline'
   *
   * const squares = pipeline([1, 2, 3, 4]).map((n) => n * n)
   * let found = 0
   * for await (const square of squares) {
   *   found = square
   *   if (square > 5) break
   * }
   * found // => 9
   * ```
   */
  iterate(options: RunOptions = {}): AsyncIterableIterator<T, undefined> {
    checkRunOptions(options)
    return new Iteration(this.#open, this.#clock, options)
  }

  /** {@link Pipeline.iterate} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.iterate()
  }

  #tap(
    name: string,
    fn: (item: T, context: StageContext) => unknown,
    options: StageOptions,
  ): Pipeline<T> {
    requireFunction('fn', fn)
    const work: Work<T, T> = (item, context) => {
      const done = fn(item, context)
      return isPromiseLike(done) ? done.then(() => item) : item
    }
    return this.#window(name, work, options)
  }

  #window<Out>(
    name: string,
    work: Work<T, Out>,
    { concurrency, ordered = true }: StageOptions,
    otherwise: () => number = () => 1,
  ): Pipeline<Out> {
    if (concurrency !== undefined) requireCount('concurrency', concurrency)
    return this.#extend((run, upstream) => {
      return new Window(run, upstream, {
        name,
        work,
        concurrency: concurrency ?? otherwise(),
        ordered,
      })
    })
  }

  #extend<Out>(stage: (run: Run, upstream: Stage<T>) => Stage<Out>): Pipeline<Out> {
    return new Pipeline((run) => stage(run, this.#open(run)), this.#clock)
  }
}

/** Not `Infinity`: with it, a run over an endless source would never come to hand on an item. */
function requireCount(name: string, value: number): number {
  return requireInteger(name, value, 1, Number.MAX_SAFE_INTEGER)
}
