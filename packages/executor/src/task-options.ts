import {
  requireArray,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireSignal,
} from '@cupola/core/authoring'
import type { Lane } from './lane.ts'
import { Retries, type RetryOptions } from './retries.ts'
import type { Terms } from './terms.ts'

/**
 * Who goes first among those that are due: `high` is 1, `normal` is 0, `low` is -1, and any integer
 * from -100 to 100 will do. The greater, the more urgent.
 */
export type Urgency = 'high' | 'normal' | 'low' | number

/** How a task is run. */
export interface TaskOptions<Args extends readonly unknown[] = readonly []> {
  /**
   * Of those that are due, the most urgent begins first; of two that are equally urgent, the one that
   * was due first. See `ageingMs` of `ExecutorOptions`.
   *
   * @defaultValue 'normal'
   */
  readonly urgency?: Urgency | undefined
  /**
   * What the function is called with, before what there is to know of the run. Not copied: what you
   * change in them before the call, it sees.
   *
   * @defaultValue []
   */
  readonly args?: Args | undefined
  /**
   * Cancels the task when it aborts, with `signal.reason` as it is.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * A task that is queued for longer than so many milliseconds, because there is no slot for it, or
   * others of its `key` are before it, fails with a `TimeoutError` and is not run; time in which it
   * waits for its moment does not count. More than 0.
   *
   * @defaultValue Infinity
   */
  readonly waitTimeout?: number | undefined
  /**
   * A run that takes longer than so many milliseconds fails with a `TimeoutError`, and its signal
   * aborts. It keeps its slot until its function has settled, and so long no further attempt begins.
   * More than 0.
   *
   * @defaultValue Infinity
   */
  readonly runTimeout?: number | undefined
  /**
   * How many further attempts there are if the function fails or takes too long; with a pause
   * between them, if it is an object. During a pause the task has no slot, but keeps its turn among
   * those of its `key`.
   *
   * @defaultValue 0
   */
  readonly retries?: number | RetryOptions | undefined
  /**
   * Tasks of one key, compared as in a `Map`, run one after the other, in the order in which they
   * become due, whatever their urgencies. One that waits for another takes no slot.
   *
   * @defaultValue beside any other
   */
  readonly key?: unknown
}

/** What a task is accepted with: its function and its options have been checked. */
export function termsOf(
  lane: Lane,
  fn: unknown,
  options: TaskOptions<readonly unknown[]> | undefined,
): Terms {
  requireFunction('fn', fn)
  if (options === undefined) return lane.level(0).terms
  requireObject('options', options)
  const { urgency = 'normal', args = [], signal, retries, key } = options
  const { waitTimeout = Infinity, runTimeout = Infinity } = options
  const level = lane.level(urgencyOf(urgency))
  requireArray('args', args)
  if (signal !== undefined) requireSignal('signal', signal)
  requireTime('waitTimeout', waitTimeout)
  requireTime('runTimeout', runTimeout)
  if (isPlain(options)) return level.terms
  return {
    ...level.terms,
    args,
    waitTimeout,
    runTimeout,
    retries: retries === undefined ? undefined : new Retries(retries),
    key,
  }
}

/** With an urgency at most, which is in the level. */
function isPlain(options: TaskOptions<readonly unknown[]>): boolean {
  const { args, waitTimeout, runTimeout, retries, key } = options
  const isUntimed = waitTimeout === undefined && runTimeout === undefined
  return args === undefined && isUntimed && retries === undefined && key === undefined
}

function requireTime(name: string, ms: number): void {
  if (requireDuration(name, ms) > 0) return
  throw new RangeError(`Cannot use ${name}: got 0, expected milliseconds above 0`)
}

const NAMED: ReadonlyMap<unknown, number> = new Map([
  ['high', 1],
  ['normal', 0],
  ['low', -1],
])

/** Each that is in use has a queue of its own: more steps than anybody tells apart. */
const MOST_URGENCY = 100

function urgencyOf(urgency: Urgency): number {
  const named = NAMED.get(urgency)
  if (named !== undefined) return named
  if (typeof urgency === 'number') {
    return requireInteger('urgency', urgency, -MOST_URGENCY, MOST_URGENCY)
  }
  const expected = "expected 'high', 'normal', 'low' or an integer"
  const BadUrgency = typeof urgency === 'string' ? RangeError : TypeError
  throw new BadUrgency(`Cannot use urgency: got ${String(urgency)}, ${expected}`)
}
