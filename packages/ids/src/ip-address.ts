import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { requireString } from '@cupola/core/authoring'
import { quoted } from './quoted.ts'

/** An address as a number. */
export interface AddressBits {
  readonly family: 4 | 6
  /** 32 bits or 128. */
  readonly value: bigint
}

/**
 * Reads an address.
 *
 * @throws TypeError If `address` is no text of an IPv4 or IPv6 address; a zone, as in `fe80::1%eth0`, means
 *   something on its own machine only, and is refused.
 */
export function parseAddress(address: string): AddressBits {
  requireString('address', address)
  if (isIPv4(address)) return { family: 4, value: bitsOf(address.split('.').map(Number), 8n) }
  if (isIPv6(address) && !address.includes('%')) return { family: 6, value: parseIPv6(address) }
  throw new TypeError(
    `Cannot use address: got ${quoted(address)}, expected an IPv4 or IPv6 address`,
  )
}

/** Writes an address: IPv6 in the one way that RFC 5952 recommends. */
export function formatAddress({ family, value }: AddressBits): string {
  if (family === 4) return groupsOf(value, 4, 8n).join('.')
  const address = groupsOf(value, 8, 16n)
    .map((group) => group.toString(16))
    .join(':')
  return new SocketAddress({ address, family: 'ipv6' }).address
}

/** An address that `isIPv6` has seen: eight groups, of which `::` leaves some out. */
function parseIPv6(address: string): bigint {
  const [head = '', tail] = address.split('::').map(withoutDots)
  const first = parseGroups(head)
  if (tail === undefined) return bitsOf(first, 16n)
  const last = parseGroups(tail)
  const zeros = new Array<number>(8 - first.length - last.length).fill(0)
  return bitsOf([...first, ...zeros, ...last], 16n)
}

function parseGroups(groups: string): number[] {
  return groups === '' ? [] : groups.split(':').map((group) => Number(`0x${group}`))
}

/** The last two groups may be written like an IPv4 address. */
function withoutDots(groups: string): string {
  const [dotted] = /[^:]+\.[^:]+$/.exec(groups) ?? []
  if (dotted === undefined) return groups
  const value = bitsOf(dotted.split('.').map(Number), 8n)
  const two = groupsOf(value, 2, 16n).map((group) => group.toString(16))
  return `${groups.slice(0, -dotted.length)}${two.join(':')}`
}

function bitsOf(groups: readonly number[], bits: bigint): bigint {
  return groups.reduce((value, group) => (value << bits) | BigInt(group), 0n)
}

function groupsOf(value: bigint, count: number, bits: bigint): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(BigInt.asUintN(Number(bits), value >> (bits * BigInt(count - 1 - index)))),
  )
}
