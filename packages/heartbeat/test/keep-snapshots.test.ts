import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '@cupola/core/testing'
import {
  fileSnapshots,
  HeartbeatMonitor,
  keepSnapshots,
  type MonitorSnapshot,
  type SnapshotStore,
} from '@cupola/heartbeat'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-heartbeat-'))
})
afterEach(() => rm(folder, { recursive: true }))

function monitorOf() {
  const clock = new VirtualClock()
  return { clock, monitor: new HeartbeatMonitor<string>({ lostAfterMs: 1000, clock }) }
}

/** A store that fails when it is told to. */
class MemoryStore implements SnapshotStore<string> {
  last: MonitorSnapshot<string> | undefined
  saves = 0
  isBroken = false

  load(): Promise<MonitorSnapshot<string> | undefined> {
    return Promise.resolve(this.last)
  }

  save(snapshot: MonitorSnapshot<string>): Promise<void> {
    this.saves++
    if (this.isBroken) return Promise.reject(new Error('broken'))
    this.last = snapshot
    return Promise.resolve()
  }
}

describe('keepSnapshots()', () => {
  it('restores, in another process, what was there', async () => {
    const path = join(folder, 'monitor.json')
    const before = monitorOf()
    const kept = await keepSnapshots(before.monitor, fileSnapshots(path), { clock: before.clock })
    before.monitor.activate('a', 'meta')
    await kept.close()

    const after = monitorOf()
    await keepSnapshots(after.monitor, fileSnapshots(path), { clock: after.clock })

    expect(after.monitor.device('a')).toMatchObject({ key: 'a', meta: 'meta', state: 'alive' })
    await after.clock.advance(1100)
    expect(after.monitor.takeLost()).toHaveLength(1)
  })

  it('saves so long after the save before, and at the end', async () => {
    const { clock, monitor } = monitorOf()
    const store = new MemoryStore()
    const kept = await keepSnapshots(monitor, store, { everyMs: 100, clock })

    await clock.advance(350)
    expect(store.saves).toBe(3)
    monitor.activate('a')
    await kept.close()

    expect(store.last?.devices.map(({ key }) => key)).toEqual(['a'])
    await monitor.close()
    expect(clock.pending).toBe(0)
  })

  it('tells that the store failed, and tries again', async () => {
    const { clock, monitor } = monitorOf()
    const store = new MemoryStore()
    store.isBroken = true
    const told: string[] = []
    const kept = await keepSnapshots(monitor, store, { everyMs: 100, clock })
    kept.on('failure', ({ error }) => told.push(String(error)))
    kept.on('saved', () => told.push('saved'))

    await clock.advance(100)
    store.isBroken = false
    await clock.advance(100)

    expect(told).toEqual(['Error: broken', 'saved'])
    store.isBroken = true
    await expect(kept.close()).rejects.toThrow('broken')
  })

  it('refuses a period of 0', async () => {
    const { monitor } = monitorOf()

    await expect(keepSnapshots(monitor, new MemoryStore(), { everyMs: 0 })).rejects.toBeInstanceOf(
      RangeError,
    )
  })
})

describe('fileSnapshots()', () => {
  it('has none if there is no file', async () => {
    expect(await fileSnapshots(join(folder, 'nothing')).load()).toBeUndefined()
  })

  it('leaves nothing but the file', async () => {
    const store = fileSnapshots(join(folder, 'monitor.json'))

    await store.save({ version: 1, epoch: 3, devices: [] })
    await store.save({ version: 1, epoch: 4, devices: [] })

    expect(await readdir(folder)).toEqual(['monitor.json'])
    expect(await store.load()).toEqual({ version: 1, epoch: 4, devices: [] })
    expect(await readFile(join(folder, 'monitor.json'), 'utf8')).toMatch(/\n$/)
  })

  it('refuses a file that is no snapshot, or no file', async () => {
    await writeFile(join(folder, 'monitor.json'), '{"version":9}')

    await expect(fileSnapshots(join(folder, 'monitor.json')).load()).rejects.toThrow(TypeError)
    await expect(fileSnapshots(folder).load()).rejects.toMatchObject({ code: 'EISDIR' })
  })
})
