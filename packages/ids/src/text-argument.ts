/** Text as it stands in a message: not longer than a line. */
export function quoted(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 77)}...` : text}"`
}

/**
 * Checks a text argument.
 *
 * @param name - The argument's name, for the message.
 * @param value - What the caller passed.
 * @throws TypeError If it is not a string.
 */
export function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return
  const kind = value === null ? 'null' : typeof value
  throw new TypeError(`Cannot use ${name}: got ${kind}, expected a string`)
}
