/**
 * File names as strings that lose nothing.
 *
 * A file name on Linux is any bytes but `/` and NUL, and most of what handles names, globs above
 * all, knows only strings. So a byte that text cannot carry is stood in for by one lone surrogate,
 * U+DC00 plus the byte, which no valid UTF-8 decodes to. For bytes from 0x80 up this is Martin von
 * Löwis, "PEP 383: Non-decodable Bytes in System Character Interfaces", 2009,
 * https://peps.python.org/pep-0383/. It is widened here to the bytes of the line terminators (LF,
 * CR, U+2028, U+2029), because the `.` of a regular expression, and with it `**` of a glob, does not
 * match them: a walk would silently leave out a file called "a\nb".
 *
 * @module
 */
import { isUtf8 } from 'node:buffer'

const STAND_IN = 0xdc00

/** With `u` only lone surrogates match, not the second half of an emoji. */
const HAS_STAND_IN = /[\uDC00-\uDCFF]/u

const LINE_TERMINATOR = /[\n\r\u2028\u2029]/g

/** What a decoder leaves where bytes were not UTF-8, and what it may have decoded rightly. */
const NEEDS_CARE = /[\n\r\u2028\u2029\uFFFD]/

/**
 * Tells whether a name that was read as text may have to be read again as bytes: it has a line
 * terminator, or a replacement character where perhaps something was lost.
 */
export function needsBytes(text: string): boolean {
  return NEEDS_CARE.test(text)
}

/** Makes a name of bytes, with a stand-in for each byte that text cannot carry. */
export function nameOf(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : decodeWithStandIns(bytes)
  return withoutLineTerminators(text)
}

/** Puts stand-ins for the line terminators of a text that holds no lost bytes, such as a glob. */
export function withoutLineTerminators(text: string): string {
  return text.replace(LINE_TERMINATOR, (terminator) => standInsFor(Buffer.from(terminator)))
}

/** The bytes that a name stands for. */
export function bytesOf(name: string): Buffer {
  if (!HAS_STAND_IN.test(name)) return Buffer.from(name, 'utf8')
  const parts: Buffer[] = []
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0
    const stands = code >= STAND_IN && code <= STAND_IN + 0xff
    parts.push(stands ? Buffer.of(code - STAND_IN) : Buffer.from(character, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** A name as `node:fs` takes it: itself where that is enough, or else its bytes. */
export function systemPath(name: string): string | Buffer {
  return HAS_STAND_IN.test(name) ? bytesOf(name) : name
}

/** A name as text for people and JSON: what is not UTF-8 becomes U+FFFD. */
export function textOf(name: string): string {
  return HAS_STAND_IN.test(name) ? bytesOf(name).toString('utf8') : name
}

/** Control characters, and those that reorder the text around them. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu

/** A name, or any text with one in it, that is safe to print on a terminal. */
export function printable(name: string): string {
  return name.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0
    const byte = code >= STAND_IN && code <= STAND_IN + 0xff ? code - STAND_IN : code
    if (byte === 0x0a) return '\\n'
    if (byte === 0x0d) return '\\r'
    if (byte === 0x09) return '\\t'
    return byte <= 0xff ? `\\x${hex(byte, 2)}` : `\\u${hex(byte, 4)}`
  })
}

function decodeWithStandIns(bytes: Buffer): string {
  let text = ''
  for (let start = 0; start < bytes.length;) {
    const character = bytes.subarray(start, start + lengthFrom(bytes[start] ?? 0))
    const valid = isUtf8(character)
    text += valid ? character.toString('utf8') : standInsFor(character.subarray(0, 1))
    start += valid ? character.length : 1
  }
  return text
}

/** How many bytes a character has that begins with this one, if it is a character at all. */
function lengthFrom(lead: number): number {
  if (lead < 0xc0) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

function standInsFor(bytes: Buffer): string {
  return String.fromCharCode(...[...bytes].map((byte) => STAND_IN + byte))
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
