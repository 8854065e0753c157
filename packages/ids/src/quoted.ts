/** Text as it stands in a message: not longer than a line. */
export function quoted(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 77)}...` : text}"`
}
