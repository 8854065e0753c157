import { requireString } from '@cupola/core/authoring'

/** What a segment is written with as it is. */
const PLAIN = /[^A-Za-z0-9._-]/gu

/** Half of a character pair: there is no UTF-8 for it. */
const UNPAIRED = /\p{Surrogate}/u

/** Windows takes `nul.txt` for the device `nul`, in every folder. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])\./i

/**
 * Writes text with the characters that file systems agree on: letters, digits, `.`, `_` and `-`; others
 * as `=` and two digits for each byte of UTF-8. So it is with a dot or a dash at the beginning, which
 * would hide a file or look like an option.
 *
 * @param name - The argument's name, for the message.
 * @throws TypeError If `text` is not a string, or not well-formed.
 */
export function escapeSegment(name: string, text: string): string {
  requireString(name, text)
  if (UNPAIRED.test(text)) {
    throw new TypeError(`Cannot use ${name}: got half of a character, expected well-formed text`)
  }
  return text
    .replace(PLAIN, escapeCharacter)
    .replace(/^[.-]/, escapeCharacter)
    .replace(DEVICE, (_, device: string) => `${device}=2e`)
}

/**
 * Reads what {@link escapeSegment} wrote.
 *
 * @returns The text; something else, if it was not written so.
 */
export function unescapeSegment(segment: string): string {
  return segment.replace(/(?:=[0-9a-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'),
  )
}

/**
 * Cuts text where it takes more than so many characters as it is written, between two of its own.
 *
 * @returns As it is written.
 * @throws TypeError If `text` is not a string, or not well-formed.
 */
export function shortenTo(longest: number, name: string, text: string): string {
  const whole = escapeSegment(name, text)
  if (whole.length <= longest) return whole
  // Each character takes one at least: without this, a long text would be written anew for each that goes.
  const characters = Array.from(text.slice(0, 2 * longest)).slice(0, longest)
  let segment = escapeSegment(name, characters.join(''))
  while (segment.length > longest) {
    characters.pop()
    segment = escapeSegment(name, characters.join(''))
  }
  return segment
}

function escapeCharacter(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').replace(/../g, '=$&')
}
