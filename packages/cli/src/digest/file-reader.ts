import { createHash, hash as oneShot } from 'node:crypto'
import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { kindOf } from './entry-kind.ts'
import { NotAFile } from './problem.ts'

/**
 * How much is to be read at once. With 128 KiB the bytes are still in the core's cache when they are
 * hashed; larger and smaller were both slower (`bench/digest.bench.ts` has the workload).
 */
export const READ_BYTES: number = 128 * 1024

/** A file that is open, and what it was then. */
export interface OpenFile {
  readonly descriptor: number
  readonly state: BigIntStats
}

/** Reads files through one buffer, which is all the memory that a thread needs for them. */
export class FileReader {
  readonly #buffer: Buffer
  readonly #bytesRead: BigUint64Array

  /**
   * @param buffer - What is read passes through it.
   * @param counter - One 64-bit number, to which the bytes are added as they are read.
   */
  constructor(buffer: Buffer, counter: SharedArrayBuffer) {
    this.#buffer = buffer
    this.#bytesRead = new BigUint64Array(counter)
  }

  /**
   * The digest of a file's content.
   *
   * @throws If the file changed since it was opened, or while it was read.
   */
  digest({ descriptor, state }: OpenFile, algorithm: string): Buffer {
    const size = Number(state.size)
    const first = this.#read(descriptor)
    // One call for a file that fits: a `Hash` object costs more than hashing some kilobytes.
    if (first.length === size && size > 0) {
      this.#requireUnchanged(descriptor, state, size)
      return oneShot(algorithm, first, 'buffer')
    }
    const hash = createHash(algorithm).update(first)
    let length = first.length
    // Not to the end of the file but to its size then: it may be growing for ever. Files of /proc
    // and the like say that they are empty, and are not.
    const end = size === 0 ? Infinity : size
    while (length < end) {
      const next = this.#read(descriptor)
      if (next.length === 0) break
      hash.update(next)
      length += next.length
    }
    this.#requireUnchanged(descriptor, state, length)
    return hash.digest()
  }

  #read(descriptor: number): Buffer {
    const count = readSync(descriptor, this.#buffer, 0, this.#buffer.length, null)
    Atomics.add(this.#bytesRead, 0, BigInt(count))
    return this.#buffer.subarray(0, count)
  }

  #requireUnchanged(descriptor: number, before: BigIntStats, length: number): void {
    const after = fstatSync(descriptor, { bigint: true })
    if (after.size > before.size) throw new Error('grew while it was read')
    if (after.size < before.size) throw new Error('shrank while it was read')
    const readAll = before.size === 0n || BigInt(length) === before.size
    if (after.mtimeNs !== before.mtimeNs || !readAll) throw new Error('changed while it was read')
  }
}

/**
 * Opens a file, for as long as `body` runs.
 *
 * @throws {@link NotAFile} If it is none.
 */
export function withFile<Result>(
  path: string | Buffer,
  flags: number,
  body: (file: OpenFile) => Result,
): Result {
  const descriptor = openSync(path, flags)
  try {
    const state = fstatSync(descriptor, { bigint: true })
    const kind = kindOf(state)
    if (kind === 'folder') throw new Error('is a folder')
    if (kind !== 'file') throw new NotAFile(kind)
    return body({ descriptor, state })
  } finally {
    closeSync(descriptor)
  }
}
