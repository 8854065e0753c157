import { requireObject } from '@cupola/core/authoring'
import { LARGEST_EPOCH } from './beat.ts'

/** All that a monitor knows, as plain data. */
export interface MonitorSnapshot<Meta = unknown> {
  readonly version: 1
  /** No session that the monitor began itself has a higher epoch. */
  readonly epoch: number
  readonly devices: readonly DeviceSnapshot<Meta>[]
}

/** What a monitor knows of a device. */
export interface DeviceSnapshot<Meta = unknown> {
  readonly key: string
  readonly epoch: number
  readonly sequence: number
  readonly meta?: Meta | undefined
  /** Only if it has a limit of its own. */
  readonly lostAfterMs?: number | undefined
  readonly periodMs?: number | undefined
  /** Only if it is lost: for how long it had been silent, and whether somebody has taken it. */
  readonly lost?: { readonly silentMs: number; readonly taken: boolean } | undefined
}

/** Where snapshots are kept: a file, a journal, a table of a database. */
export interface SnapshotStore<Meta = unknown> {
  /** The last snapshot, `undefined` if there is none. */
  load(): Promise<MonitorSnapshot<Meta> | undefined>
  save(snapshot: MonitorSnapshot<Meta>): Promise<void>
}

/** Leaves numbers above it for the sessions that follow, and is above all that senders may choose. */
const LARGEST_RESTORED_EPOCH = LARGEST_EPOCH * 1.5

/**
 * Checks that a snapshot is one, for it may come from a disk.
 *
 * @throws TypeError If it is none, or of another version.
 */
export function requireSnapshot(snapshot: MonitorSnapshot): void {
  requireObject('snapshot', snapshot)
  const { version, epoch, devices }: Fields<MonitorSnapshot> = snapshot
  if (version !== 1) {
    throw new TypeError(`Cannot use snapshot: its version is ${nameOf(version)}, expected 1`)
  }
  if (!isEpoch(epoch)) throw new TypeError(`Cannot use snapshot: its epoch is ${nameOf(epoch)}`)
  if (!Array.isArray(devices)) throw new TypeError('Cannot use snapshot: it has no list of devices')
  const index = devices.findIndex((device) => !isDevice(device))
  if (index !== -1) throw new TypeError(`Cannot use snapshot: number ${index} of it is no device`)
}

/** All that there may be, each of which may be anything yet. */
type Fields<Known> = Partial<Record<keyof Known, unknown>>

function isDevice(device: unknown): boolean {
  if (typeof device !== 'object' || device === null) return false
  const { key, epoch, sequence, lostAfterMs, periodMs, lost }: Fields<DeviceSnapshot> = device
  return (
    typeof key === 'string' &&
    key !== '' &&
    isEpoch(epoch) &&
    isCount(sequence) &&
    (lostAfterMs === undefined || isLimit(lostAfterMs)) &&
    (periodMs === undefined || isLimit(periodMs)) &&
    (lost === undefined || isLoss(lost))
  )
}

function isLoss(lost: unknown): boolean {
  if (typeof lost !== 'object' || lost === null) return false
  const { silentMs, taken }: Fields<NonNullable<DeviceSnapshot['lost']>> = lost
  return (silentMs === 0 || isLimit(silentMs)) && typeof taken === 'boolean'
}

function isLimit(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity
}

function isEpoch(value: unknown): boolean {
  return isCount(value) && Number(value) <= LARGEST_RESTORED_EPOCH
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function nameOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value
}
