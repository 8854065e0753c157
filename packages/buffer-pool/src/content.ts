import { kindOf, wordOf } from '@cupola/core/authoring'

/** What can be put into a buffer: text, or bytes. */
export type Content = string | Uint8Array

/**
 * Checks what is to be put into a buffer.
 *
 * @throws TypeError If it is neither text nor bytes, or there is no such encoding.
 */
export function requireContent(content: Content, encoding: BufferEncoding): void {
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot use content: got ${kindOf(content)}, expected a string or a Uint8Array`,
    )
  }
  requireEncoding(encoding)
}

/**
 * Checks an encoding.
 *
 * @throws TypeError If there is none of that name.
 */
export function requireEncoding(encoding: BufferEncoding): void {
  if (Buffer.isEncoding(encoding)) return
  throw new TypeError(`Cannot use encoding: got ${wordOf(encoding)}, expected one such as 'utf8'`)
}

/**
 * Checks what has to be bytes.
 *
 * @throws TypeError If it is none.
 */
export function requireBytes(name: string, value: Uint8Array): void {
  if (value instanceof Uint8Array) return
  throw new TypeError(`Cannot use ${name}: got ${kindOf(value)}, expected a Uint8Array`)
}

/** A text in another encoding than UTF-8, apart: what a character takes is not even then. */
export function encoded(content: Content, encoding: BufferEncoding): Content {
  if (typeof content !== 'string' || isUtf8(encoding)) return content
  return Buffer.from(content, encoding)
}

/** How many bytes a text takes as UTF-8, or bytes. */
export function sizeOf(content: Content): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length
}

function isUtf8(encoding: BufferEncoding): boolean {
  return encoding === 'utf8' || encoding === 'utf-8'
}
