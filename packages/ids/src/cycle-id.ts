import { types } from 'node:util'
import { requireInteger, requireString } from '@cupola/core/authoring'
import { parseHex, toHex } from './hex.ts'
import { type AddressBits, formatAddress, parseAddress } from './ip-address.ts'
import { quoted } from './quoted.ts'

/** What a cycle id is made of. */
export interface CycleIdParts {
  /** Whose id it is: an IPv4 address, or an IPv6 address in the way RFC 5952 writes it. */
  readonly address: string
  /** The port at that address. */
  readonly port: number
  /** What was counted: 80 bits. */
  readonly counter: bigint
}

/** A cycle id as a number, as digits with `0x` or without, or as bytes. */
export type CycleId = bigint | string | Uint8Array

/**
 * The layouts, from the highest bit on:
 *
 *   IPv4    address 32, port 16, counter 80                     128 bits, 32 digits, 16 bytes
 *   IPv6    tag 8 (6), address 128, port 16, counter 80         232 bits, 58 digits, 29 bytes
 *
 * An IPv6 address does not fit into 128 bits beside a port and a counter, and a hash of it would not
 * come back as the address. The tag tells the two apart, since `::1` has no high bits that would.
 */
const COUNTER_BITS = 80n
const NODE_BITS = 16n + COUNTER_BITS
const TAG = 6n
const LAYOUTS = {
  4: { digits: 32, prefix: 0n, first: 0n, end: 1n << 128n },
  6: { digits: 58, prefix: TAG << 224n, first: TAG << 224n, end: (TAG + 1n) << 224n },
} as const

/** One more than the highest counter. */
export const COUNTERS: bigint = 1n << COUNTER_BITS

/** The id of that address and port whose counter is 0. */
export function firstCycleId(address: string, port: number): bigint {
  const { family, value } = parseAddress(address)
  requireInteger('port', port, 0, 65_535)
  return LAYOUTS[family].prefix | (value << NODE_BITS) | (BigInt(port) << COUNTER_BITS)
}

/** Writes an id in as many digits as all of its kind have. */
export function cycleIdToHex(id: CycleId): string {
  const value = cycleIdToBigInt(id)
  return toHex(value, LAYOUTS[familyOf(value)].digits)
}

/** Writes an id as 16 bytes, or as 29 if the address is IPv6. */
export function cycleIdToBytes(id: CycleId): Uint8Array {
  return new Uint8Array(Buffer.from(cycleIdToHex(id), 'hex'))
}

/** Reads an id in any of its forms. */
export function cycleIdToBigInt(id: CycleId): bigint {
  if (typeof id === 'bigint') return requireCycleId(id, String(id))
  if (types.isUint8Array(id)) return readBytes(id)
  requireString('id', id)
  return readDigits(id)
}

/** Takes an id apart. */
export function parseCycleId(id: CycleId): CycleIdParts {
  const value = cycleIdToBigInt(id)
  const family = familyOf(value)
  const bits: AddressBits = { family, value: (value ^ LAYOUTS[family].prefix) >> NODE_BITS }
  return {
    address: formatAddress(bits),
    port: Number(BigInt.asUintN(16, value >> COUNTER_BITS)),
    counter: BigInt.asUintN(80, value),
  }
}

function readBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 16 || bytes.length === 29)
    return readDigits(Buffer.from(bytes).toString('hex'))
  throw new RangeError(`Cannot use id: got ${bytes.length} bytes, expected 16 or 29`)
}

/** Short digits are read as well: other programs leave zeros out. More zeros than an id has are none. */
function readDigits(text: string): bigint {
  const value = requireCycleId(parseHex('id', text, LAYOUTS[6].digits), quoted(text))
  const { length } = text.replace(/^0x/i, '')
  if (length <= LAYOUTS[familyOf(value)].digits) return value
  throw notAnId(quoted(text))
}

function requireCycleId(value: bigint, shown: string): bigint {
  if (Object.values(LAYOUTS).some(({ first, end }) => value >= first && value < end)) return value
  throw notAnId(shown)
}

function notAnId(shown: string): RangeError {
  return new RangeError(
    `Cannot use id: got ${shown}, expected an id of 128 bits, or one of 232 bits that begins with 06`,
  )
}

function familyOf(value: bigint): 4 | 6 {
  return value < LAYOUTS[4].end ? 4 : 6
}
