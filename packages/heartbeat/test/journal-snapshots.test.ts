import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, journalSnapshots, keepSnapshots } from '@cupola/heartbeat'
import { Journal } from '@cupola/journal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-heartbeat-'))
})
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close()
  await rm(folder, { recursive: true })
})

const opened: Journal[] = []

/** It is closed after the test. */
async function openJournal(): Promise<Journal> {
  const journal = await Journal.open(folder)
  opened.push(journal)
  return journal
}

function monitorOf() {
  const clock = new VirtualClock()
  return { clock, monitor: new HeartbeatMonitor<string>({ lostAfterMs: 1000, clock }) }
}

describe('journalSnapshots()', () => {
  it('restores devices, sessions, limits and losses from a journal that was closed', async () => {
    const before = monitorOf()
    before.monitor.activate('lost', 'old')
    await before.clock.advance(1100)
    const old = before.monitor.activate('here', 'meta', { lostAfterMs: 5000 })
    const journal = await openJournal()
    await journalSnapshots<string>(journal).save(before.monitor.snapshot())
    await journal.close()

    const after = monitorOf()
    const reopened = await openJournal()
    const kept = await keepSnapshots(after.monitor, journalSnapshots<string>(reopened))

    expect(after.monitor.snapshot()).toEqual(before.monitor.snapshot())
    expect(after.monitor.refresh(old)).toBe('ok')
    await after.clock.advance(4900)
    expect(after.monitor.takeLost().map(({ key }) => key)).toEqual(['lost'])
    await kept.close()
  })

  it('has none in a journal that is new', async () => {
    const journal = await openJournal()

    expect(await journalSnapshots(journal).load()).toBeUndefined()
  })

  it('loads the last that was saved, and the one before if that is spoilt', async () => {
    const { monitor } = monitorOf()
    const journal = await openJournal()
    const store = journalSnapshots<string>(journal)
    for (const key of ['a', 'b', 'c']) {
      monitor.activate(key)
      await store.save(monitor.snapshot())
    }
    expect((await store.load())?.devices).toHaveLength(3)
    await journal.close()
    const snapshots = (await readdir(folder)).filter((name) => name.endsWith('.snapshot')).sort()
    expect(snapshots).toHaveLength(2)
    const newest = join(folder, snapshots[1] ?? '')
    await writeFile(newest, (await readFile(newest)).fill(7, 40, 50))

    const reopened = await openJournal()
    const loaded = await journalSnapshots<string>(reopened).load()

    expect(loaded?.devices.map(({ key }) => key)).toEqual(['a', 'b'])
  })

  it('refuses a journal that has snapshots of something else', async () => {
    const journal = await openJournal()
    const id = await journal.append({ payload: Buffer.from('x') })
    await journal.snapshot(id, [Buffer.from('{"version":7}')])

    await expect(journalSnapshots(journal).load()).rejects.toThrow(TypeError)
  })

  it('fails as the journal does, which is told and tried again', async () => {
    const { clock, monitor } = monitorOf()
    const journal = await openJournal()
    const kept = await keepSnapshots(monitor, journalSnapshots<string>(journal), {
      everyMs: 100,
      clock,
    })
    const failed = new Promise((resolve) => kept.on('failure', ({ error }) => resolve(error)))
    await journal.close()
    await clock.advance(100)

    expect(await failed).toMatchObject({ code: 'ERR_CLOSED' })
    await expect(kept.close()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(clock.pending).toBe(0)
  })
})
