import { kindOf, requireBigInt, requireInteger, wordOf } from '@cupola/core/authoring'

/** How a number is laid out, by the names that `Buffer` has for it after `read` and `write`. */
export type NumberFormat =
  | 'Int8'
  | 'UInt8'
  | 'Int16LE'
  | 'Int16BE'
  | 'UInt16LE'
  | 'UInt16BE'
  | 'Int32LE'
  | 'Int32BE'
  | 'UInt32LE'
  | 'UInt32BE'
  | 'FloatLE'
  | 'FloatBE'
  | 'DoubleLE'
  | 'DoubleBE'
  | 'BigInt64LE'
  | 'BigInt64BE'
  | 'BigUInt64LE'
  | 'BigUInt64BE'

/** What a number of that format is in JavaScript. */
export type NumberOf<Format extends NumberFormat> = Format extends `Big${string}` ? bigint : number

/** How numbers of one format get into a block and out of it. */
export interface NumberAccess<Value> {
  readonly size: number
  read(bytes: Buffer, offset: number): Value
  write(bytes: Buffer, offset: number, value: Value): void
}

/** How `Buffer` reads a number, and writes it. */
type Read<Value> = (bytes: Buffer, offset: number) => Value
type Write<Value> = (bytes: Buffer, offset: number, value: Value) => number

/** `Buffer` would cut off a fraction, and make 0 of what is no number. */
function integer(
  size: number,
  least: number,
  read: Read<number>,
  write: Write<number>,
): NumberAccess<number> {
  const most = least + 2 ** (8 * size) - 1
  return {
    size,
    read,
    write(bytes, offset, value) {
      write(bytes, offset, requireInteger('value', value, least, most))
    },
  }
}

/** `Buffer` would write NaN for what is no number. */
function float(size: number, read: Read<number>, write: Write<number>): NumberAccess<number> {
  return {
    size,
    read,
    write(bytes, offset, value) {
      if (typeof value !== 'number') {
        throw new TypeError(`Cannot use value: got ${kindOf(value)}, expected a number`)
      }
      write(bytes, offset, value)
    },
  }
}

function bigInteger(least: bigint, read: Read<bigint>, write: Write<bigint>): NumberAccess<bigint> {
  const most = least + 2n ** 64n - 1n
  return {
    size: 8,
    read,
    write(bytes, offset, value) {
      write(bytes, offset, requireBigInt('value', value, least, most))
    },
  }
}

const ACCESS: { readonly [Format in NumberFormat]: NumberAccess<NumberOf<Format>> } = {
  Int8: integer(
    1,
    -(2 ** 7),
    (bytes, at) => bytes.readInt8(at),
    (bytes, at, value) => bytes.writeInt8(value, at),
  ),
  UInt8: integer(
    1,
    0,
    (bytes, at) => bytes.readUInt8(at),
    (bytes, at, value) => bytes.writeUInt8(value, at),
  ),
  Int16LE: integer(
    2,
    -(2 ** 15),
    (bytes, at) => bytes.readInt16LE(at),
    (bytes, at, value) => bytes.writeInt16LE(value, at),
  ),
  Int16BE: integer(
    2,
    -(2 ** 15),
    (bytes, at) => bytes.readInt16BE(at),
    (bytes, at, value) => bytes.writeInt16BE(value, at),
  ),
  UInt16LE: integer(
    2,
    0,
    (bytes, at) => bytes.readUInt16LE(at),
    (bytes, at, value) => bytes.writeUInt16LE(value, at),
  ),
  UInt16BE: integer(
    2,
    0,
    (bytes, at) => bytes.readUInt16BE(at),
    (bytes, at, value) => bytes.writeUInt16BE(value, at),
  ),
  Int32LE: integer(
    4,
    -(2 ** 31),
    (bytes, at) => bytes.readInt32LE(at),
    (bytes, at, value) => bytes.writeInt32LE(value, at),
  ),
  Int32BE: integer(
    4,
    -(2 ** 31),
    (bytes, at) => bytes.readInt32BE(at),
    (bytes, at, value) => bytes.writeInt32BE(value, at),
  ),
  UInt32LE: integer(
    4,
    0,
    (bytes, at) => bytes.readUInt32LE(at),
    (bytes, at, value) => bytes.writeUInt32LE(value, at),
  ),
  UInt32BE: integer(
    4,
    0,
    (bytes, at) => bytes.readUInt32BE(at),
    (bytes, at, value) => bytes.writeUInt32BE(value, at),
  ),
  FloatLE: float(
    4,
    (bytes, at) => bytes.readFloatLE(at),
    (bytes, at, value) => bytes.writeFloatLE(value, at),
  ),
  FloatBE: float(
    4,
    (bytes, at) => bytes.readFloatBE(at),
    (bytes, at, value) => bytes.writeFloatBE(value, at),
  ),
  DoubleLE: float(
    8,
    (bytes, at) => bytes.readDoubleLE(at),
    (bytes, at, value) => bytes.writeDoubleLE(value, at),
  ),
  DoubleBE: float(
    8,
    (bytes, at) => bytes.readDoubleBE(at),
    (bytes, at, value) => bytes.writeDoubleBE(value, at),
  ),
  BigInt64LE: bigInteger(
    -(2n ** 63n),
    (bytes, at) => bytes.readBigInt64LE(at),
    (bytes, at, value) => bytes.writeBigInt64LE(value, at),
  ),
  BigInt64BE: bigInteger(
    -(2n ** 63n),
    (bytes, at) => bytes.readBigInt64BE(at),
    (bytes, at, value) => bytes.writeBigInt64BE(value, at),
  ),
  BigUInt64LE: bigInteger(
    0n,
    (bytes, at) => bytes.readBigUInt64LE(at),
    (bytes, at, value) => bytes.writeBigUInt64LE(value, at),
  ),
  BigUInt64BE: bigInteger(
    0n,
    (bytes, at) => bytes.readBigUInt64BE(at),
    (bytes, at, value) => bytes.writeBigUInt64BE(value, at),
  ),
}

/**
 * How to access numbers of a format.
 *
 * @throws TypeError If there is no such format.
 */
export function accessTo<Format extends NumberFormat>(
  format: Format,
): NumberAccess<NumberOf<Format>> {
  if (Object.hasOwn(ACCESS, format)) return ACCESS[format]
  throw new TypeError(`Cannot use format: got ${wordOf(format)}, expected one such as 'UInt32LE'`)
}
