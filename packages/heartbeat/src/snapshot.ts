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

/**
 * Checks that a snapshot is one, for it may come from a disk.
 *
 * @throws TypeError If it is none, or of another version.
 */
export function requireSnapshot(snapshot: MonitorSnapshot): void {
  const { version, epoch, devices }: Partial<MonitorSnapshot> = snapshot
  if (version === 1 && Number.isSafeInteger(epoch) && Array.isArray(devices)) {
    for (const device of devices) requireDevice(device)
    return
  }
  throw new TypeError(`Cannot restore: got version ${String(version)}, expected a snapshot of 1`)
}

function requireDevice({ key, epoch, sequence, lost }: Partial<DeviceSnapshot>): void {
  const isDevice = typeof key === 'string' && isCount(epoch) && isCount(sequence)
  const isLost = lost === undefined || (isCount(Math.trunc(lost.silentMs)) && 'taken' in lost)
  if (isDevice && isLost) return
  throw new TypeError(`Cannot restore: ${JSON.stringify(key)} is no device of a snapshot`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
