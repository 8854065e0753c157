import { requireInteger, requireObject } from '@cupola/core/authoring'
import { requireBytes, requireIterable } from './checks.ts'
import {
  idAt,
  modeAt,
  RECORD_HEAD_BYTES,
  recordBytesAt,
  type RecordContent,
  typeAt,
} from './record-frame.ts'

/** What a record does to the thing that it is about; a number from 16 to 255 is your own. */
export type RecordMode = 'add' | 'set' | 'delete' | number

/** A record to append. */
export interface NewRecord {
  /** The bytes that are kept. They are copied at once. */
  readonly payload: Uint8Array
  /**
   * Says what the payload is, from 0 to 65535: yours to give a meaning.
   *
   * @defaultValue 0
   */
  readonly type?: number | undefined
  /**
   * Says what it does to the thing that it is about.
   *
   * @defaultValue 'add'
   */
  readonly mode?: RecordMode | undefined
}

/** A record as it is read. */
export interface JournalRecord {
  /** Its number: one more than that of the record before. */
  readonly id: bigint
  /** What the payload is. */
  readonly type: number
  /** What it does to the thing that it is about. */
  readonly mode: RecordMode
  /** A view of a larger buffer, which it keeps alive: copy it to keep it for long. */
  readonly payload: Uint8Array
}

/** The modes that have names, by their numbers. These are CUP's. */
const MODES = { add: 0, set: 1, delete: 3 } as const
const NAMES: Readonly<Record<number, RecordMode>> = { 0: 'add', 1: 'set', 3: 'delete' }

/** The first number that is free to use. */
const LEAST_OWN_MODE = 16

/** What is written together has to fit into one buffer, and be written by one call. */
export const LARGEST_WRITE: number = 2 ** 31 - 1

/** Checks a record that somebody wants to append. */
export function contentOf(record: NewRecord, maxPayloadBytes: number): RecordContent {
  requireObject('record', record)
  const { payload, type = 0, mode = 'add' } = record
  requireBytes('payload', payload)
  if (payload.length > maxPayloadBytes) {
    throw new RangeError(
      `Cannot use payload: it has ${payload.length} bytes, expected at most ${maxPayloadBytes}`,
    )
  }
  requireInteger('type', type, 0, 0xff_ff)
  return { payload, type, mode: modeNumber(mode) }
}

/** Checks records that are to be appended together. */
export function contentsOf(
  records: Iterable<NewRecord>,
  maxPayloadBytes: number,
): readonly RecordContent[] {
  requireIterable('records', records)
  const contents = Array.from(records, (record) => contentOf(record, maxPayloadBytes))
  const bytes = contents.reduce((sum, { payload }) => sum + RECORD_HEAD_BYTES + payload.length, 0)
  if (bytes <= LARGEST_WRITE) return contents
  throw new RangeError(
    `Cannot use records: they have ${bytes} bytes together, expected at most ${LARGEST_WRITE}`,
  )
}

/** A number that has a name is what a refused record has, which may be appended later. */
function modeNumber(mode: RecordMode): number {
  if (typeof mode === 'number') {
    return mode in NAMES ? mode : requireInteger('mode', mode, LEAST_OWN_MODE, 255)
  }
  // Not `MODES[mode]` alone, which has a `toString`.
  if (Object.hasOwn(MODES, mode)) return MODES[mode]
  throw new TypeError(`Cannot use mode: got ${String(mode)}, expected add, set, delete or a number`)
}

/** The mode of this number. */
export function modeOf(number: number): RecordMode {
  return NAMES[number] ?? number
}

/** The record that begins at `start`. */
export function recordAt(bytes: Buffer, start: number): JournalRecord {
  return {
    id: BigInt(idAt(bytes, start)),
    type: typeAt(bytes, start),
    mode: modeOf(modeAt(bytes, start)),
    payload: bytes.subarray(start + RECORD_HEAD_BYTES, start + recordBytesAt(bytes, start)),
  }
}
