import { kindOf } from '@cupola/core/authoring'

/** Checks an option that is one of some words. */
export function requireWord(name: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === 'string' && allowed.includes(value)) return
  const words = allowed.map((one) => `'${one}'`).join(', ')
  throw new TypeError(`Cannot use ${name}: got ${wordOf(value)}, expected one of ${words}`)
}

/** What somebody passed for a word, for a message. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : kindOf(value)
}
