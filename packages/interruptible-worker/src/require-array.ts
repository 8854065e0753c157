/**
 * Checks an array argument.
 *
 * @throws TypeError If `value` is not an array.
 */
export function requireArray(name: string, value: unknown): void {
  if (Array.isArray(value)) return
  const kind = value === null ? 'null' : typeof value
  throw new TypeError(`Cannot use ${name}: got ${kind}, expected an array`)
}
