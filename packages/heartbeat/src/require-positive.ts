import { requireDuration } from '@cupola/core/authoring'

/**
 * Checks a duration or another quantity that may not be 0 or endless.
 *
 * @throws TypeError If it is not a number.
 * @throws RangeError If it is not above 0, or not finite.
 */
export function requirePositive(name: string, value: number): number {
  if (requireDuration(name, value) > 0 && value < Infinity) return value
  throw new RangeError(`Cannot use ${name}: got ${value}, expected a finite number above 0`)
}

/**
 * Checks a part of a whole.
 *
 * @throws TypeError If it is not a number.
 * @throws RangeError If it is not above 0 and up to 1.
 */
export function requireShare(name: string, value: number): number {
  if (requireDuration(name, value) > 0 && value <= 1) return value
  throw new RangeError(`Cannot use ${name}: got ${value}, expected a number above 0, up to 1`)
}
