import { requireDuration } from '@cupola/core/authoring'

/**
 * Checks a duration or another quantity that may not be 0 or endless.
 *
 * @throws TypeError If it is not a number.
 * @throws RangeError If it is not above 0, or not finite.
 */
export function requirePositive(name: string, value: number): number {
  return requireThat(value > 0 && value < Infinity, name, value, 'a finite number above 0')
}

/**
 * Checks a quantity that has a least, and is not endless.
 *
 * @throws TypeError If it is not a number.
 * @throws RangeError If it is less, or not finite.
 */
export function requireAtLeast(name: string, value: number, least: number): number {
  const isInRange = value >= least && value < Infinity
  return requireThat(isInRange, name, value, `a finite number from ${least} up`)
}

/**
 * Checks a part of a whole.
 *
 * @throws TypeError If it is not a number.
 * @throws RangeError If it is not above 0 and up to 1.
 */
export function requireShare(name: string, value: number): number {
  return requireThat(value > 0 && value <= 1, name, value, 'a number above 0, up to 1')
}

function requireThat(isSo: boolean, name: string, value: number, expected: string): number {
  // Text passes for a number when it is compared. Core says of what is none that it is none.
  if (typeof value !== 'number') return requireDuration(name, value)
  if (isSo) return value
  throw new RangeError(`Cannot use ${name}: got ${String(value)}, expected ${expected}`)
}
