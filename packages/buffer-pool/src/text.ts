import type { Block } from './loan.ts'
import { stretches, write } from './stretches.ts'

/** How far a text got. */
export interface WrittenText {
  /** UTF-16 units of it that are written, as its `length` counts them: whole characters. */
  readonly read: number
  /** Bytes that they took. */
  readonly written: number
}

/**
 * Writes a text as UTF-8 between two positions, as far as it fits: over the borders of blocks, but
 * without splitting a character at the end. A lone surrogate becomes U+FFFD, as everywhere in UTF-8.
 */
export function writeText(
  blocks: readonly Block[],
  start: number,
  end: number,
  text: string,
): WrittenText {
  const encoder = new TextEncoder()
  let read = 0
  let position = start
  while (read < text.length && position < end) {
    const [target] = stretches(blocks, position, end)
    if (target === undefined) break
    const fitted = encoder.encodeInto(text.slice(read, read + target.length), target)
    read += fitted.read
    position += fitted.written
    if (fitted.written === target.length || read === text.length) continue
    // The next character is longer than what is left of the block.
    const character = String.fromCodePoint(text.codePointAt(read) ?? 0)
    const bytes = encoder.encode(character)
    if (position + bytes.length > end) break
    write(blocks, position, bytes)
    read += character.length
    position += bytes.length
  }
  return { read, written: position - start }
}
