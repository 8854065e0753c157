import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import { requireBoolean, requireObject } from '@cupola/core/authoring'
import { requireFileSystem, requireMethod, requirePath } from './checks.ts'
import { bytesOf } from './cut-aside.ts'
import type { FileSystem } from './file-system.ts'
import type { Journal } from './journal.ts'
import { type RecordMode, modeOf } from './journal-record.ts'
import { nodeFileSystem } from './node-file-system.ts'

/** A record of CUP's serializer. */
export interface CupRecord {
  /** Its id there, of 128 bits. */
  readonly id: bigint
  readonly type: number
  readonly mode: RecordMode
  readonly payload: Uint8Array
}

/** How to read what CUP has written. */
export interface CupLogOptions {
  /**
   * Whether to go on with the next file where one is damaged, as `skip_badlog` has it there.
   *
   * @defaultValue false
   */
  readonly skipDamaged?: boolean | undefined
  /**
   * Where it is: for tests.
   *
   * @defaultValue the machine's own files
   */
  readonly fileSystem?: FileSystem | undefined
}

/** All records are in one folder, and those that cannot be told apart are not there. */
const FOLDER = '0'
const SEGMENT = /^(?:done|writing)\.(?<firstId>\d+)$/

/** The length of what follows, four bytes, does not count itself. */
const LENGTH_BYTES = 4
/** An id of 16 bytes, a type and a mode of two each. */
const LEAST_LENGTH = 20

/** CUP begins a new file after a megabyte, unless told otherwise. */
const LARGEST_FILE = 2 ** 31 - 1

/** How many records are appended together. */
const GROUP = 1000

/**
 * Reads what `LocalFileSerilizer` of Baidu's CUP has written: the files `done.<id>` and `writing.<id>` in
 * the folder `0`. They have no checksums: what is read is what is there.
 *
 * A last record that was cut short in the last file is left out, for no one was told that it was there.
 *
 * @param directory - The storage folder, as it was given to CUP.
 * @param options - What to do where it is damaged.
 * @throws BrokenError If a file is damaged: CUP itself turns one into zeros when it repairs its end.
 * @throws What the file system rejects with.
 */
export async function* readCupLog(
  directory: string,
  options: CupLogOptions = {},
): AsyncGenerator<CupRecord, void, undefined> {
  requirePath('directory', directory)
  requireObject('options', options)
  const { skipDamaged = false, fileSystem = nodeFileSystem } = options
  requireBoolean('skipDamaged', skipDamaged)
  requireFileSystem(fileSystem)
  const folder = join(directory, FOLDER)
  const segments = segmentsIn(await fileSystem.list(folder))
  for (const segment of segments) {
    const path = join(folder, segment.name)
    const bytes = await contentOf(fileSystem, path)
    let start = 0
    for (let end = endAt(bytes, start); end !== -1; end = endAt(bytes, start)) {
      yield recordAt(bytes, start, end)
      start = end
    }
    const isLast = segment === segments.at(-1)
    if (start === bytes.length || skipDamaged) continue
    if (isLast && isCutShort(bytes, start, segment)) continue
    throw new BrokenError('read what CUP has written', `"${path}" is damaged at byte ${start}`)
  }
}

/**
 * Appends to a journal what CUP has written. The records get new ids, one after the other: give the journal
 * a `firstId` to have it begin like the old one.
 *
 * @param directory - The storage folder, as it was given to CUP.
 * @param journal - Where to.
 * @param options - What to do where it is damaged.
 * @returns How many records it was.
 * @throws As {@link readCupLog} and `Journal.appendMany()` do. What was appended stays: begin again with a
 *   new journal.
 */
export async function importCupLog(
  directory: string,
  journal: Journal,
  options: CupLogOptions = {},
): Promise<number> {
  requireMethod(journal, 'appendMany')
  let count = 0
  let group: CupRecord[] = []
  const append = async (): Promise<void> => {
    count += (await journal.appendMany(group)).length
    group = []
  }
  for await (const record of readCupLog(directory, options)) {
    group.push(record)
    if (group.length === GROUP) await append()
  }
  await append()
  return count
}

/** One of CUP's files. */
interface CupSegment {
  readonly name: string
  /** The id of its first record, or about that: CUP adds one when it opens it again. */
  readonly firstId: bigint
}

/** In the order of their first ids; other files are let be. */
function segmentsIn(names: readonly string[]): CupSegment[] {
  return names
    .flatMap((name) => {
      const digits = SEGMENT.exec(name)?.groups?.['firstId']
      return digits === undefined ? [] : [{ name, firstId: BigInt(digits) }]
    })
    .sort((one, other) => Number(one.firstId - other.firstId))
}

async function contentOf(fileSystem: FileSystem, path: string): Promise<Buffer> {
  const file = await fileSystem.open(path, 'read')
  try {
    const size = await file.size()
    if (size <= LARGEST_FILE) return await bytesOf(file, 0, size)
    const problem = `"${path}" has ${size} bytes, expected at most ${LARGEST_FILE}`
    throw new BrokenError('read what CUP has written', problem)
  } finally {
    await file.close()
  }
}

/** Where the record at `start` ends; -1 if it is not there as a whole. */
function endAt(bytes: Buffer, start: number): number {
  if (start + LENGTH_BYTES > bytes.length || hasBadLength(bytes, start)) return -1
  const end = start + LENGTH_BYTES + bytes.readUInt32LE(start)
  return end > bytes.length ? -1 : end
}

/** No record is that short: not even zeros, which is what a damaged file consists of. */
function hasBadLength(bytes: Buffer, start: number): boolean {
  if (start + LENGTH_BYTES > bytes.length) return false
  return bytes.readUInt32LE(start) < LEAST_LENGTH
}

/**
 * Whether there is nothing but the beginning of a record, which a crash has cut short. A record further on,
 * of an id that this file may have, and that ends where the file does, says that it is damage.
 */
function isCutShort(bytes: Buffer, start: number, { firstId }: CupSegment): boolean {
  if (hasBadLength(bytes, start)) return false
  const largestId = firstId + BigInt(bytes.length)
  for (let at = start + 1; at < bytes.length; at++) {
    if (endAt(bytes, at) !== bytes.length) continue
    const id = idAt(bytes, at)
    if (id >= firstId && id <= largestId) return false
  }
  return true
}

function idAt(bytes: Buffer, start: number): bigint {
  const at = start + LENGTH_BYTES
  return bytes.readBigUInt64LE(at) + (bytes.readBigUInt64LE(at + 8) << 64n)
}

function recordAt(bytes: Buffer, start: number, end: number): CupRecord {
  const type = start + LENGTH_BYTES + 16
  return {
    id: idAt(bytes, start),
    type: bytes.readUInt16LE(type),
    mode: modeOf(bytes.readUInt16LE(type + 2)),
    payload: bytes.subarray(start + LENGTH_BYTES + LEAST_LENGTH, end),
  }
}
