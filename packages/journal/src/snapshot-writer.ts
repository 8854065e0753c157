import { requireBytes } from './checks.ts'
import { type FileSystem, type StoredFile, writeAll } from './file-system.ts'
import {
  encodeSnapshotHeader,
  ENTRY_HEAD_BYTES,
  entryChecksum,
  headerChecksum,
  TRAILER_BYTES,
  TRAILER_LENGTH,
} from './snapshot-format.ts'

/** How much is written at once, unless an entry is longer. */
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
    const sink = new Sink(file, encodeSnapshotHeader(id))
    let count = 0n
    for await (const entry of entries) {
      requireBytes('an entry', entry)
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
    this.#checksum = headerChecksum(header)
  }

  async put(entry: Uint8Array, length: number): Promise<void> {
    const head = Buffer.alloc(ENTRY_HEAD_BYTES)
    head.writeUInt32LE(length, 4)
    this.#checksum = entryChecksum(head, entry, this.#checksum)
    head.writeUInt32LE(this.#checksum, 0)
    this.#parts.push(head, entry)
    this.#gathered += ENTRY_HEAD_BYTES + entry.length
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
