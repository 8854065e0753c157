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

const ACCESS: { readonly [Format in NumberFormat]: NumberAccess<NumberOf<Format>> } = {
  Int8: {
    size: 1,
    read: (bytes, at) => bytes.readInt8(at),
    write: (bytes, at, value) => void bytes.writeInt8(value, at),
  },
  UInt8: {
    size: 1,
    read: (bytes, at) => bytes.readUInt8(at),
    write: (bytes, at, value) => void bytes.writeUInt8(value, at),
  },
  Int16LE: {
    size: 2,
    read: (bytes, at) => bytes.readInt16LE(at),
    write: (bytes, at, value) => void bytes.writeInt16LE(value, at),
  },
  Int16BE: {
    size: 2,
    read: (bytes, at) => bytes.readInt16BE(at),
    write: (bytes, at, value) => void bytes.writeInt16BE(value, at),
  },
  UInt16LE: {
    size: 2,
    read: (bytes, at) => bytes.readUInt16LE(at),
    write: (bytes, at, value) => void bytes.writeUInt16LE(value, at),
  },
  UInt16BE: {
    size: 2,
    read: (bytes, at) => bytes.readUInt16BE(at),
    write: (bytes, at, value) => void bytes.writeUInt16BE(value, at),
  },
  Int32LE: {
    size: 4,
    read: (bytes, at) => bytes.readInt32LE(at),
    write: (bytes, at, value) => void bytes.writeInt32LE(value, at),
  },
  Int32BE: {
    size: 4,
    read: (bytes, at) => bytes.readInt32BE(at),
    write: (bytes, at, value) => void bytes.writeInt32BE(value, at),
  },
  UInt32LE: {
    size: 4,
    read: (bytes, at) => bytes.readUInt32LE(at),
    write: (bytes, at, value) => void bytes.writeUInt32LE(value, at),
  },
  UInt32BE: {
    size: 4,
    read: (bytes, at) => bytes.readUInt32BE(at),
    write: (bytes, at, value) => void bytes.writeUInt32BE(value, at),
  },
  FloatLE: {
    size: 4,
    read: (bytes, at) => bytes.readFloatLE(at),
    write: (bytes, at, value) => void bytes.writeFloatLE(value, at),
  },
  FloatBE: {
    size: 4,
    read: (bytes, at) => bytes.readFloatBE(at),
    write: (bytes, at, value) => void bytes.writeFloatBE(value, at),
  },
  DoubleLE: {
    size: 8,
    read: (bytes, at) => bytes.readDoubleLE(at),
    write: (bytes, at, value) => void bytes.writeDoubleLE(value, at),
  },
  DoubleBE: {
    size: 8,
    read: (bytes, at) => bytes.readDoubleBE(at),
    write: (bytes, at, value) => void bytes.writeDoubleBE(value, at),
  },
  BigInt64LE: {
    size: 8,
    read: (bytes, at) => bytes.readBigInt64LE(at),
    write: (bytes, at, value) => void bytes.writeBigInt64LE(value, at),
  },
  BigInt64BE: {
    size: 8,
    read: (bytes, at) => bytes.readBigInt64BE(at),
    write: (bytes, at, value) => void bytes.writeBigInt64BE(value, at),
  },
  BigUInt64LE: {
    size: 8,
    read: (bytes, at) => bytes.readBigUInt64LE(at),
    write: (bytes, at, value) => void bytes.writeBigUInt64LE(value, at),
  },
  BigUInt64BE: {
    size: 8,
    read: (bytes, at) => bytes.readBigUInt64BE(at),
    write: (bytes, at, value) => void bytes.writeBigUInt64BE(value, at),
  },
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
  throw new TypeError(`Cannot use format: got ${String(format)}, expected one such as 'UInt32LE'`)
}
