import { type Clock, systemClock } from '@cupola/core'
import {
  requireClock,
  requireDuration,
  requireInteger,
  requireObject,
  requireOneOf,
} from '@cupola/core/authoring'
import { requireFileSystem, requireId } from './checks.ts'
import type { FileSystem } from './file-system.ts'
import { LARGEST_WRITE } from './journal-record.ts'
import type { SyncPolicy } from './log-writer.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { LARGEST_ID, RECORD_HEAD_BYTES } from './record-frame.ts'
import type { RecoveryMode } from './recovery.ts'

/** How a `Journal` is kept. */
export interface JournalOptions {
  /**
   * When an append resolves: `'always'`, once the record is on disk; `{ everyMs }`, once the system has
   * it, which is told to write at least that often; `'os'`, once the system has it.
   *
   * What the system has survives the death of the process, but not that of the machine.
   *
   * @defaultValue 'always'
   */
  readonly sync?: SyncPolicy | undefined
  /**
   * A segment that is this long gets no more records.
   *
   * @defaultValue 16 MiB
   */
  readonly segmentBytes?: number | undefined
  /**
   * Nor does one that this process has been writing to for so long.
   *
   * @defaultValue Infinity
   */
  readonly segmentAgeMs?: number | undefined
  /**
   * How much is repaired when it is opened. `'torn-tail'` takes out what a crash has left of a write that
   * nobody was told is on disk. `'strict'` repairs nothing.
   *
   * @defaultValue 'torn-tail'
   */
  readonly recovery?: RecoveryMode | undefined
  /**
   * The longest payload.
   *
   * @defaultValue 16 MiB
   */
  readonly maxPayloadBytes?: number | undefined
  /**
   * Appends are refused with a `FullError` while more bytes than this wait to be written.
   *
   * @defaultValue 64 MiB
   */
  readonly maxWaitingBytes?: number | undefined
  /**
   * The id of the first record of a new journal.
   *
   * @defaultValue 1n
   */
  readonly firstId?: bigint | undefined
  /**
   * The clock for `everyMs` and `segmentAgeMs`.
   *
   * @defaultValue `systemClock` of `@cupola/core`
   */
  readonly clock?: Clock | undefined
  /**
   * Where it is kept: for tests.
   *
   * @defaultValue the machine's own files
   */
  readonly fileSystem?: FileSystem | undefined
}

/** The options, complete. */
export type JournalSettings = {
  readonly [Name in keyof JournalOptions]-?: Exclude<JournalOptions[Name], undefined>
}

const MIB = 1024 * 1024
const RECOVERY_MODES: readonly RecoveryMode[] = ['strict', 'torn-tail', 'point-in-time', 'salvage']

const LARGEST_PAYLOAD = LARGEST_WRITE - RECORD_HEAD_BYTES

/**
 * Checks options and adds the defaults.
 *
 * @throws TypeError If an option has the wrong type, or is none of its words.
 * @throws RangeError If a number is out of its range.
 */
export function settingsOf(options: JournalOptions): JournalSettings {
  requireObject('options', options)
  const { recovery = 'torn-tail', firstId = 1n, segmentAgeMs = Infinity } = options
  const {
    segmentBytes = 16 * MIB,
    maxPayloadBytes = 16 * MIB,
    maxWaitingBytes = 64 * MIB,
  } = options
  const { sync = 'always', clock = systemClock, fileSystem = nodeFileSystem } = options
  requireOneOf('recovery', recovery, RECOVERY_MODES)
  requireId('firstId', firstId)
  if (firstId < 1n || firstId > LARGEST_ID) {
    throw new RangeError(`Cannot use firstId: got ${firstId}, expected 1 to ${LARGEST_ID}`)
  }
  requireSync(sync)
  return {
    sync,
    recovery,
    firstId,
    fileSystem: requireFileSystem(fileSystem),
    clock: requireClock('clock', clock),
    segmentAgeMs: requireDuration('segmentAgeMs', segmentAgeMs),
    segmentBytes: requireInteger('segmentBytes', segmentBytes, 1, Infinity),
    maxPayloadBytes: requireInteger('maxPayloadBytes', maxPayloadBytes, 0, LARGEST_PAYLOAD),
    maxWaitingBytes: requireInteger('maxWaitingBytes', maxWaitingBytes, 1, Infinity),
  }
}

function requireSync(sync: SyncPolicy): void {
  if (sync === 'always' || sync === 'os') return
  if (typeof sync !== 'object' || sync === null) {
    throw new TypeError(`Cannot use sync: got ${String(sync)}, expected always, os or { everyMs }`)
  }
  requireDuration('sync.everyMs', sync.everyMs)
}
