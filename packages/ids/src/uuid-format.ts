import { requireString } from '@cupola/core/authoring'
import { quoted } from './quoted.ts'

/** What a UUID of version 7 is made of: [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.7). */
export interface UuidV7Parts {
  /** When it was made, in milliseconds since 1970 UTC, as its maker's clock had it: 48 bits. */
  readonly timestamp: number
  /** The 12 bits behind the version. */
  readonly randA: number
  /** The 62 bits behind the variant. */
  readonly randB: bigint
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/i

const VARIANT = 0b10n << 62n

/** Writes a UUID out of parts that are in range. */
export function formatUuid({ timestamp, randA, randB }: UuidV7Parts): string {
  const time = timestamp.toString(16).padStart(12, '0')
  const a = randA.toString(16).padStart(3, '0')
  const b = (VARIANT | randB).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a}-${b.slice(0, 4)}-${b.slice(4)}`
}

/**
 * Takes a UUID of version 7 apart, in letters of either case.
 *
 * @param name - The argument's name, for the message.
 * @throws TypeError If `text` is no such UUID.
 */
export function parseUuid(name: string, text: string): UuidV7Parts {
  requireString(name, text)
  const [, seconds, rest, a, b, end] = UUID_V7.exec(text) ?? []
  if (seconds === undefined) {
    throw new TypeError(`Cannot use ${name}: got ${quoted(text)}, expected a UUID of version 7`)
  }
  return {
    timestamp: Number(`0x${seconds}${rest}`),
    randA: Number(`0x${a}`),
    randB: BigInt(`0x${b}${end}`) ^ VARIANT,
  }
}
