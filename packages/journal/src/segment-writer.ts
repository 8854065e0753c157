import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type FileSystem, type StoredFile, writeAll } from './file-system.ts'
import { markAfterSync, recordBytesAt, sealRecord } from './record-frame.ts'
import type { SegmentPlace } from './segment-cursor.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts'
import { segmentName } from './segment-names.ts'

/** The segment that records are appended to. */
export class SegmentWriter {
  /** The id of its first record, by which it is named. */
  readonly firstId: number
  readonly #file: StoredFile
  readonly #salt: number
  /** Behind the last record that counts: what is further on is overwritten or cut. */
  #end: SegmentPlace
  /** How long the file is. Behind the end are zeros. */
  #size: number

  /**
   * @param end - Where to append.
   * @param size - How long the file is.
   */
  constructor(
    file: StoredFile,
    { firstId, salt }: SegmentHeader,
    end: SegmentPlace,
    size: number = end.offset,
  ) {
    this.firstId = firstId
    this.#file = file
    this.#salt = salt
    this.#end = end
    this.#size = size
  }

  /** Behind the last record. */
  get end(): SegmentPlace {
    return this.#end
  }

  /**
   * Writes records behind the last one, and gives them their ids.
   *
   * @param records - As a `Batch` has encoded them.
   * @param afterSync - Whether all that is in the journal so far is on disk.
   * @throws What the file system rejects with. Parts of them may be in the file then.
   */
  async append(records: Buffer, afterSync: boolean): Promise<void> {
    const end = this.#seal(records, afterSync)
    await writeAll(this.#file, records, this.#end.offset)
    this.#end = end
    this.#size = Math.max(this.#size, end.offset)
  }

  /**
   * Makes the file longer, once the records have come to its end. A sync is much quicker when it does not
   * have to bring to disk that the file has grown: for a group of 70 KB, a third of the time.
   */
  async reserve(bytes: number): Promise<void> {
    if (this.#end.offset < this.#size) return
    try {
      await writeAll(this.#file, Buffer.alloc(bytes), this.#size)
      this.#size += bytes
    } catch {
      // There is no room to spare. Whether there is for a record, the next one will see.
    }
  }

  /**
   * Writes zeros over what a write of so many bytes has left behind the last record when it failed. To cut
   * it off is not enough: neither salt nor chain tells a refused record from another in the same place,
   * and there are file systems that show, after a crash, what was in a place before.
   */
  async erase(bytes: number): Promise<void> {
    const length = Math.min(bytes, (await this.#file.size()) - this.#end.offset)
    if (length <= 0) return
    try {
      await writeAll(this.#file, Buffer.alloc(length), this.#end.offset)
    } catch {
      // It takes no more than it did before: what it has of the records is overwritten.
    }
    await this.#file.sync()
  }

  /** Cuts off what is behind the last record, for good. */
  async cut(): Promise<void> {
    await this.#file.truncate(this.#end.offset)
    this.#size = this.#end.offset
    await this.#file.sync()
  }

  /** Resolves when all of it is on disk. */
  sync(): Promise<void> {
    return this.#file.sync()
  }

  /** Lets go of the file. */
  close(): Promise<void> {
    return this.#file.close()
  }

  #seal(records: Buffer, afterSync: boolean): SegmentPlace {
    const { offset, nextId, checksum } = this.#end
    const after = { nextId, checksum }
    if (afterSync) markAfterSync(records, 0)
    for (let start = 0; start < records.length; start += recordBytesAt(records, start)) {
      after.checksum = sealRecord(records, start, after, this.#salt)
      after.nextId++
    }
    return { offset: offset + records.length, ...after }
  }
}

/** What a new segment goes on from. */
export type SegmentStart = Omit<SegmentHeader, 'salt'>

/**
 * Makes a new segment. It gets its name once its header is on disk, so that a file of such a name
 * always has one.
 *
 * @returns The segment before it has its name, and what gives it the name.
 */
export async function createSegment(
  fileSystem: FileSystem,
  directory: string,
  start: SegmentStart,
): Promise<{ segment: SegmentWriter; publish: () => Promise<void> }> {
  const header = { ...start, salt: randomBytes(4).readUInt32LE() }
  const path = join(directory, segmentName(header.firstId))
  const temporary = `${path}.temp`
  const file = await fileSystem.open(temporary, 'create')
  try {
    await writeAll(file, encodeSegmentHeader(header), 0)
    await file.sync()
  } catch (error) {
    await file.close()
    await fileSystem.remove(temporary)
    throw error
  }
  const end = {
    offset: SEGMENT_HEADER_BYTES,
    nextId: header.firstId,
    checksum: header.previousChecksum,
  }
  return {
    segment: new SegmentWriter(file, header, end),
    async publish() {
      await fileSystem.rename(temporary, path)
      await fileSystem.syncDirectory(directory)
    },
  }
}
