/**
 * Checks an option that is one of a few words.
 *
 * @throws TypeError If it is no word at all.
 * @throws RangeError If it is none of these.
 */
export function requireOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (known.some((each) => each === value)) return
  const words = known.map((each) => `'${each}'`).join(', ')
  const BadWord = typeof value === 'string' ? RangeError : TypeError
  throw new BadWord(`Cannot use ${name}: got ${String(value)}, expected one of ${words}`)
}
