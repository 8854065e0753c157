/**
 * Checks text.
 *
 * @throws TypeError If it is none.
 */
export function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return
  const kind = value === null ? 'null' : typeof value
  throw new TypeError(`Cannot use ${name}: got ${kind}, expected a string`)
}
