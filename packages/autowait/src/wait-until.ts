import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireFunction } from '@cupola/core/authoring'
import { type Look, type LookContext, met, notMet } from './condition.ts'
import { type ClockOptions, keepLooking } from './keep-looking.ts'
import { type PaceOptions, requireInterval } from './pace.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What a predicate may answer to say that it is not met yet. */
export type Falsy = false | 0 | 0n | '' | null | undefined

/** How {@link waitUntil} waits. */
export interface WaitUntilOptions extends WaitOptions, PaceOptions, ClockOptions {
  /**
   * The first pause between two calls, in milliseconds from 1 up. Each pause is half as long again as
   * the one before, up to `intervalMs`.
   *
   * @defaultValue `intervalMs`, so that all pauses are the same
   */
  readonly firstIntervalMs?: number | undefined
  /**
   * The longest pause between two calls, in milliseconds from 1 up.
   *
   * @defaultValue 50
   */
  readonly intervalMs?: number | undefined
  /**
   * What to do when the predicate throws: `'throw'` ends the wait with that error, `'retry'` takes it
   * for "not yet" and keeps it as the `cause` of the `TimeoutError`.
   *
   * @defaultValue 'throw'
   */
  readonly onError?: 'throw' | 'retry' | undefined
}

/**
 * Calls a predicate until it answers something truthy, and gives that.
 *
 * The first call is made before any waiting, the last when `timeout` has passed. Calls never overlap.
 * A predicate that takes more than 10 ms is left at least as long a rest.
 *
 * Cancellation: aborting ends the wait at once, even if the predicate never answers; its own signal
 * then aborts as well.
 *
 * Cost: one timer at a time, or two with a `timeout`. The process is kept alive, even by a predicate
 * that never answers.
 *
 * @param predicate - What to call. Gets a signal that aborts when the wait is over, and runs in the
 *   `AsyncLocalStorage` of whoever waits.
 * @param options - How often to call, and what ends the wait.
 * @returns The first truthy answer.
 * @throws What the predicate throws, unless `onError` is `'retry'`.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a duration is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. A predicate that is being called
 *   then has another 250 ms to answer.
 *
 * @example Wait for a value
 * ```ts
 * import { waitUntil } from '@cupola/autowait'
 *
 * const jobs: string[] = []
 * setTimeout(() => jobs.push('print'), 20)
 *
 * const job = await waitUntil(() => jobs.shift(), { timeout: 5000 })
 * job // => 'print'
 * ```
 *
 * @example What may fail until it works
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { waitUntil } from '@cupola/autowait'
 *
 * const options = { timeout: 100, onError: 'retry' } as const
 * const error = await waitUntil(() => readFile('/no/such/file'), options).catch((reason) => reason)
 * error.code // => 'ERR_TIMEOUT'
 * error.cause.code // => 'ENOENT'
 * ```
 */
export async function waitUntil<T>(
  predicate: (signal: AbortSignal) => T | PromiseLike<T>,
  options: WaitUntilOptions = {},
): Promise<Exclude<T, Falsy>> {
  requireFunction('predicate', predicate)
  checkWaitOptions(options)
  const { intervalMs = 50, firstIntervalMs = intervalMs, onError = 'throw' } = options
  requireInterval('intervalMs', intervalMs)
  requireInterval('firstIntervalMs', firstIntervalMs)
  if (onError !== 'throw' && onError !== 'retry') {
    throw new TypeError(`Cannot use onError: got "${String(onError)}", expected "throw" or "retry"`)
  }
  const name = predicate.name === '' ? 'the predicate' : `${predicate.name}()`
  const condition = {
    action: `wait until ${name} is met`,
    firstIntervalMs,
    intervalMs,
    look: onError === 'retry' ? retried(look) : look,
  }
  return await keepLooking(condition, options)

  async function look({ signal }: LookContext): Promise<Look<Exclude<T, Falsy>>> {
    const answer = await unlessAborted(predicate(signal), signal)
    return isTruthy(answer) ? met(answer) : notMet(`it answered ${String(answer)}`)
  }
}

function isTruthy<T>(answer: T): answer is Exclude<T, Falsy> {
  return Boolean(answer)
}

function retried<Result>(look: (context: LookContext) => Promise<Look<Result>>): typeof look {
  return async (context) => {
    try {
      return await look(context)
    } catch (cause) {
      return notMet(`it threw ${String(cause)}`, { cause })
    }
  }
}
