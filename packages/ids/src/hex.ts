import { requireString } from '@cupola/core/authoring'
import { quoted } from './quoted.ts'

/**
 * Writes a number with so many digits, zeros first.
 *
 * @param value - From 0 up to what the digits hold.
 */
export function toHex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/**
 * Reads a hexadecimal number, with `0x` before it or without.
 *
 * @param name - The argument's name, for the message.
 * @param text - What the caller passed.
 * @param digits - How many digits there may be.
 * @throws TypeError If it is no such number.
 */
export function parseHex(name: string, text: string, digits: number): bigint {
  requireString(name, text)
  const [, found] = /^(?:0x)?([0-9a-f]+)$/i.exec(text) ?? []
  if (found !== undefined && found.length <= digits) return BigInt(`0x${found}`)
  throw new TypeError(
    `Cannot use ${name}: got ${quoted(text)}, expected up to ${digits} hexadecimal digits`,
  )
}

/** The two digits of each byte: looking them up is what makes ids quick to write. */
export function hexOfBytes(): readonly string[] {
  return Array.from({ length: 256 }, (_, byte) => toHex(byte, 2))
}
