import type { Writable } from 'node:stream'
import picocolors from 'picocolors'

/** Colors as functions; without a terminal they leave text as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>

const USUAL_COLUMNS = 80

/** One of the two streams that a command prints to. */
export interface Output {
  readonly stream: Writable
  readonly colors: Colors
  /** Whether lines can be drawn over: a terminal, and nobody asked for plain text. */
  readonly interactive: boolean
  /** How wide the terminal is now; elsewhere, what people expect of one. */
  readonly columns: number
  /** Prints a line. */
  line(text: string): void
}

/**
 * Makes an {@link Output}. Colors and redrawing need a terminal, and neither `NO_COLOR`
 * (https://no-color.org) nor `TERM=dumb` in the environment.
 */
export function outputOn(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
): Output {
  const plain = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb'
  const interactive = stream.isTTY === true && !plain
  return {
    stream,
    colors: picocolors.createColors(interactive),
    interactive,
    get columns() {
      // Some terminals do not know, and say 0.
      return stream.columns || USUAL_COLUMNS
    },
    line: (text) => void stream.write(`${text}\n`),
  }
}
