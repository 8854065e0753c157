import { requireObject } from '@cupola/core/authoring'
import type { Journal } from '@cupola/journal'
import {
  type DeviceSnapshot,
  type MonitorSnapshot,
  requireSnapshot,
  type SnapshotStore,
} from './snapshot.ts'

/** What comes before the devices. */
type Head = Omit<MonitorSnapshot, 'devices'>

/**
 * Keeps snapshots in a journal, which is for them alone: a save is a record, and a snapshot of the journal
 * with one entry for each device, so that no text has to hold them all. What it makes superfluous is
 * purged. The journal keeps the last two: should the newest be spoilt, the one before is loaded.
 *
 * The journal is its owner's, to be closed after what `keepSnapshots()` returns.
 *
 * @param journal - Has nothing else in it.
 * @throws TypeError If it is no journal.
 *
 * @example Restart a monitor
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { HeartbeatMonitor, journalSnapshots, keepSnapshots } from '@cupola/heartbeat'
 * import { Journal } from '@cupola/journal'
 *
 * const journal = await Journal.open(await mkdtemp(join(tmpdir(), 'monitor-')))
 * const monitor = new HeartbeatMonitor<string>({ lostAfterMs: 10_000 })
 * const kept = await keepSnapshots(monitor, journalSnapshots<string>(journal))
 * monitor.activate('printer', 'room 12')
 * await kept.close()
 *
 * const restarted = new HeartbeatMonitor<string>({ lostAfterMs: 10_000 })
 * await using _ = await keepSnapshots(restarted, journalSnapshots<string>(journal))
 * restarted.device('printer')?.meta // => 'room 12'
 * ```
 */
export function journalSnapshots<Meta>(journal: Journal): SnapshotStore<Meta> {
  requireObject('journal', journal)
  return {
    async load() {
      const kept = await journal.latestSnapshot()
      return kept && (await read<Meta>(kept.entries()))
    },
    async save(snapshot) {
      const id = await journal.append({ mode: 'set', payload: bytesOf(headOf(snapshot)) })
      await journal.snapshot(id, entriesOf(snapshot))
      await journal.purge({ before: id + 1n })
    },
  }
}

function* entriesOf(snapshot: MonitorSnapshot): Generator<Uint8Array, void, undefined> {
  yield bytesOf(headOf(snapshot))
  for (const device of snapshot.devices) yield bytesOf(device)
}

async function read<Meta>(entries: AsyncIterable<Uint8Array>): Promise<MonitorSnapshot<Meta>> {
  let head: Head | undefined
  const devices: DeviceSnapshot<Meta>[] = []
  for await (const bytes of entries) {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked below
    if (head === undefined) head = value as Head
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked below, but for the meta, which the caller knows
    else devices.push(value as DeviceSnapshot<Meta>)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked at once
  const snapshot = { ...head, devices } as MonitorSnapshot<Meta>
  requireSnapshot(snapshot)
  return snapshot
}

function headOf({ version, epoch }: MonitorSnapshot): Head {
  return { version, epoch }
}

function bytesOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
