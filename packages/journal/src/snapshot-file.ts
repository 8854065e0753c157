import { crc32 } from 'node:zlib'
import { BrokenError } from '@cupola/core'
import { type FileSystem, readAll, type StoredFile, writeAll } from './file-system.ts'

/*
 * A snapshot on disk. Numbers are little-endian.
 *
 *  0  8  magic, "CUPOLAS\n"
 *  8  2  version of the format, 1
 * 10  1  algorithm of the checksums, 1 = CRC-32 as in zlib
 * 11  1  0
 * 12  8  id of the last record that it includes
 * 20  4  checksum of bytes 0 to 19
 *
 * then, as often as there are entries,
 *
 *  0  4  checksum of all that follows it, begun with the checksum before
 *  4  4  length of the entry
 *  8     entry
 *
 * and at last an entry of the length 2^32 - 1, which is in truth the number of entries and the id, eight
 * bytes each: a snapshot without them is not complete.
 */
const HEADER_BYTES = 24
const HEAD_BYTES = 8
const TRAILER_BYTES = 16
const TRAILER_LENGTH = 0xff_ff_ff_ff
const MAGIC = 'CUPOLAS\n'
const VERSION = 1
const CRC_32 = 1

/** How much is written or read at once, unless an entry is longer. */
const CHUNK_BYTES = 256 * 1024

/** What a snapshot is made of: pieces of the state, each as long as you like. */
export type SnapshotEntries = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Writes a snapshot to a new file, and brings it to disk, but for its name. */
export async function writeSnapshot(
  fileSystem: FileSystem,
  path: string,
  id: bigint,
  entries: SnapshotEntries,
): Promise<void> {
  const file = await fileSystem.open(path, 'create')
  try {
    const header = encodeHeader(id)
    const sink = new Sink(file, header)
    let count = 0n
    for await (const entry of entries) {
      await sink.put(entry, entry.length)
      count++
    }
    const trailer = Buffer.alloc(TRAILER_BYTES)
    trailer.writeBigUInt64LE(count, 0)
    trailer.writeBigUInt64LE(id, 8)
    await sink.put(trailer, TRAILER_LENGTH)
    await sink.flush()
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Reads a snapshot.
 *
 * @throws BrokenError If it is not what was written. What came before the spoilt place is right.
 */
export async function* readSnapshot(
  fileSystem: FileSystem,
  path: string,
  id: bigint,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await fileSystem.open(path, 'read')
  try {
    const source = new Source(file, path)
    if ((await source.header()) !== id) throw source.damage()
    for (let count = 0n; ; count++) {
      const { entry, isTrailer } = await source.next()
      if (!isTrailer) yield entry
      else if (entry.readBigUInt64LE(0) === count && entry.readBigUInt64LE(8) === id) return
      else throw source.damage()
    }
  } finally {
    await file.close()
  }
}

function encodeHeader(id: bigint): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(MAGIC, 'latin1')
  header.writeUInt16LE(VERSION, 8)
  header.writeUInt8(CRC_32, 10)
  header.writeBigUInt64LE(id, 12)
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20)
  return header
}

/** Gathers entries and writes them in large pieces. */
class Sink {
  readonly #file: StoredFile
  #parts: Uint8Array[]
  #gathered: number
  #position = 0
  #checksum: number

  constructor(file: StoredFile, header: Buffer) {
    this.#file = file
    this.#parts = [header]
    this.#gathered = header.length
    this.#checksum = header.readUInt32LE(20)
  }

  async put(entry: Uint8Array, length: number): Promise<void> {
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt32LE(length, 4)
    this.#checksum = crc32(entry, crc32(head.subarray(4), this.#checksum))
    head.writeUInt32LE(this.#checksum, 0)
    this.#parts.push(head, entry)
    this.#gathered += HEAD_BYTES + entry.length
    if (this.#gathered >= CHUNK_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    await writeAll(this.#file, bytes, this.#position)
    this.#position += bytes.length
    this.#parts = []
    this.#gathered = 0
  }
}

/** Reads entries and checks them. */
class Source {
  readonly #file: StoredFile
  readonly #path: string
  #chunk: Buffer = Buffer.alloc(0)
  #start = 0
  #position = 0
  #checksum = 0

  constructor(file: StoredFile, path: string) {
    this.#file = file
    this.#path = path
  }

  async header(): Promise<bigint> {
    const header = await this.#take(HEADER_BYTES)
    this.#checksum = header.readUInt32LE(20)
    const isOurs = header.toString('latin1', 0, 8) === MAGIC && header.readUInt16LE(8) === VERSION
    if (!isOurs || crc32(header.subarray(0, 20)) !== this.#checksum) throw this.damage()
    return header.readBigUInt64LE(12)
  }

  async next(): Promise<{ readonly entry: Buffer; readonly isTrailer: boolean }> {
    const head = await this.#take(HEAD_BYTES)
    const length = head.readUInt32LE(4)
    const isTrailer = length === TRAILER_LENGTH
    const entry = await this.#take(isTrailer ? TRAILER_BYTES : length)
    this.#checksum = crc32(entry, crc32(head.subarray(4), this.#checksum))
    if (this.#checksum !== head.readUInt32LE(0)) throw this.damage()
    return { entry, isTrailer }
  }

  damage(): BrokenError {
    return new BrokenError('read the snapshot', `"${this.#path}" is not what was written`)
  }

  async #take(length: number): Promise<Buffer> {
    if (this.#start + length > this.#chunk.length) await this.#fill(length)
    const bytes = this.#chunk.subarray(this.#start, this.#start + length)
    this.#start += length
    return bytes
  }

  async #fill(least: number): Promise<void> {
    const rest = this.#chunk.subarray(this.#start)
    const wanted = Math.max(CHUNK_BYTES, least) - rest.length
    const left = (await this.#file.size()) - this.#position
    if (least - rest.length > left) throw this.damage()
    const more = await readAll(
      this.#file,
      Buffer.allocUnsafeSlow(Math.min(wanted, left)),
      this.#position,
    )
    this.#position += more.length
    this.#chunk = Buffer.concat([rest, more])
    this.#start = 0
    if (this.#chunk.length < least) throw this.damage()
  }
}
