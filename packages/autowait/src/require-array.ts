/** Checks a list argument, for those who call without a compiler. */
export function requireArray(name: string, value: readonly unknown[]): void {
  if (Array.isArray(value)) return
  throw new TypeError(`Cannot use ${name}: got ${typeof value}, expected an array`)
}
