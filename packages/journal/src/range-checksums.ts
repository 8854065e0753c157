import { crc32 } from 'node:zlib'

/** How far apart the checksums are that are kept. Shorter ranges than this are read as they are. */
const STEP_BYTES = 4096

/** That of CRC-32, without x to the power of 32, the lowest power in the highest bit. */
const POLYNOMIAL = 0xed_b8_83_20

/**
 * Checksums of any part of some bytes, in a time that does not grow with the length of the part. Whoever
 * looks for records in spoilt bytes meets lengths that mean nothing, and would otherwise read megabytes
 * for each.
 *
 * A CRC is the remainder of a division of polynomials over GF(2), where adding and subtracting are both
 * exclusive or. So the checksum of a part follows from those of the bytes up to its beginning and up to
 * its end, the former multiplied by x to the power of the bits in between: `crc32_combine()` of zlib by
 * Mark Adler does the same. Cost: four bytes for each 4 KiB.
 */
export class RangeChecksums {
  readonly #bytes: Buffer
  /** Checksums of the bytes up to each multiple of `STEP_BYTES`, as far as they were asked for. */
  readonly #kept: number[] = [0]

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** `crc32(bytes.subarray(start, end), begun)`. */
  of(start: number, end: number, begun: number): number {
    const length = end - start
    if (length <= STEP_BYTES) return crc32(this.#bytes.subarray(start, end), begun)
    return (this.#upTo(end) ^ shifted(begun ^ this.#upTo(start), length)) >>> 0
  }

  /** The checksum of all that is before `end`. */
  #upTo(end: number): number {
    const step = Math.floor(end / STEP_BYTES)
    for (let known = this.#kept.length; known <= step; known++) {
      const at = known * STEP_BYTES
      this.#kept.push(crc32(this.#bytes.subarray(at - STEP_BYTES, at), this.#kept[known - 1]))
    }
    return crc32(this.#bytes.subarray(step * STEP_BYTES, end), this.#kept[step])
  }
}

/** A checksum times x to the power of the bits in so many bytes. */
function shifted(checksum: number, bytes: number): number {
  let result = checksum
  // x to the power of 8, 16, 32, and so on.
  let power = 1 << (31 - 8)
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(result, power)
    power = product(power, power)
  }
  return result
}

/** The product of two polynomials, modulo that of CRC-32. */
function product(one: number, other: number): number {
  let sum = 0
  // `term` is `other` times x to the power that the bit stands for.
  for (let bit = 31, term = other; bit >= 0; bit--) {
    if ((one >>> bit) & 1) sum ^= term
    term = term & 1 ? (term >>> 1) ^ POLYNOMIAL : term >>> 1
  }
  return sum
}
