/**
 * Checks a moment of the wall clock.
 *
 * @returns Milliseconds since 1970 UTC.
 * @throws TypeError If it is neither a `Date` nor a number.
 * @throws RangeError If it is an invalid one.
 */
export function momentOf(name: string, date: Date | number): number {
  const moment = date instanceof Date ? date.getTime() : date
  if (typeof moment !== 'number') {
    throw new TypeError(`Cannot use ${name}: got ${typeof date}, expected a Date or a number`)
  }
  if (Number.isFinite(moment)) return moment
  throw new RangeError(`Cannot use ${name}: got an invalid one`)
}
