import type { Clock } from './clock.ts'

/**
 * Checks an integer argument.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @param least - The smallest allowed value.
 * @param most - The largest allowed value; `Infinity` also allows `Infinity` itself.
 * @returns `value`.
 * @throws TypeError If `value` is not a number.
 * @throws RangeError If it is not an integer from `least` to `most`.
 *
 * @example Check a size
 * ```ts
 * import { requireInteger } from '@cupola/core/authoring'
 *
 * requireInteger('maxThreads', 4, 1, 1024) // => 4
 * ```
 */
export function requireInteger(name: string, value: number, least: number, most: number): number {
  requireNumber(name, value)
  if (
    (Number.isInteger(value) && value >= least && value <= most) ||
    (value === most && most === Infinity)
  ) {
    return value
  }
  const upTo = most === Infinity ? 'up, or Infinity' : `to ${most}`
  throw new RangeError(
    `Cannot use ${name}: got ${value}, expected an integer from ${least} ${upTo}`,
  )
}

/**
 * Checks an integer argument that may be longer than numbers are exact.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @param least - The smallest allowed value.
 * @param most - The largest allowed value; none if left out.
 * @returns `value`.
 * @throws TypeError If `value` is not a bigint.
 * @throws RangeError If it is not from `least` to `most`.
 */
export function requireBigInt(name: string, value: bigint, least: bigint, most?: bigint): bigint {
  if (typeof value !== 'bigint') {
    throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a bigint`)
  }
  if (value >= least && (most === undefined || value <= most)) return value
  const upTo = most === undefined ? 'up' : `to ${most}`
  throw new RangeError(`Cannot use ${name}: got ${value}, expected a bigint from ${least} ${upTo}`)
}

/**
 * Checks a duration in milliseconds: any number from 0 up, fractions and `Infinity` included.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @returns `value`.
 * @throws TypeError If `value` is not a number.
 * @throws RangeError If it is negative or `NaN`.
 */
export function requireDuration(name: string, value: number): number {
  requireNumber(name, value)
  if (value >= 0) return value
  throw new RangeError(`Cannot use ${name}: got ${value}, expected milliseconds from 0 up`)
}

/**
 * Checks a function argument.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @throws TypeError If `value` is not a function.
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a function`)
}

/**
 * Checks an options argument, for those who call without a compiler: `wait(500)` would otherwise
 * wait for ever, and so would `wait([500])`.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @throws TypeError If `value` is not an object, or is an array.
 */
export function requireObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected an object`)
}

/**
 * Checks a text argument: `named(['a'])` would otherwise find what `named('a')` does, or not.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @returns `value`.
 * @throws TypeError If `value` is not a string.
 */
export function requireString(name: string, value: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a string`)
}

/**
 * Checks an argument that is one of a few words.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed. `['all']` is not the word, though it looks like it to `in`.
 * @param words - All that it may be.
 * @returns `value`.
 * @throws TypeError If `value` is none of them.
 */
export function requireOneOf<Word extends string>(
  name: string,
  value: Word,
  words: readonly Word[],
): Word {
  if (words.includes(value)) return value
  const all = words.map((word) => `'${word}'`).join(', ')
  throw new TypeError(`Cannot use ${name}: got ${wordOf(value)}, expected one of ${all}`)
}

/**
 * Checks an array argument.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @throws TypeError If `value` is not an array.
 */
export function requireArray(name: string, value: unknown): void {
  if (Array.isArray(value)) return
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected an array`)
}

/**
 * Checks a switch: `'false'` would otherwise turn it on.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @returns `value`.
 * @throws TypeError If `value` is not a boolean.
 */
export function requireBoolean(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a boolean`)
}

/**
 * Checks a {@link Clock} argument, by shape: a test brings its own. A primitive does so when it is
 * made, for the first wait with a `timeout` may be long after.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @returns `value`.
 * @throws TypeError If `value` lacks one of a clock's functions.
 */
export function requireClock(name: string, value: Clock): Clock {
  requireObject(name, value)
  for (const method of ['now', 'wall', 'setTimer'] as const) {
    if (typeof value[method] === 'function') continue
    throw new TypeError(`Cannot use ${name}: it has no ${method}(), expected a Clock`)
  }
  return value
}

/**
 * Checks an `AbortSignal` argument, by shape, not by class: a signal of another realm is one too.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @throws TypeError If `value` is not an `AbortSignal`.
 */
export function requireSignal(name: string, value: unknown): void {
  if (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function' &&
    'removeEventListener' in value &&
    typeof value.removeEventListener === 'function'
  ) {
    return
  }
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected an AbortSignal`)
}

function requireNumber(name: string, value: unknown): void {
  if (typeof value === 'number') return
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a number`)
}

/**
 * What a value is, for the message of whoever did not expect it.
 *
 * @param value - What the caller passed.
 * @returns As `typeof`, but `null` and arrays apart.
 */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

/**
 * What somebody passed for a word, for a message.
 *
 * @param value - What the caller passed.
 * @returns The word itself, in quotes; of what is no text, only {@link kindOf}.
 */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : kindOf(value)
}
