import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '@cupola/core/testing'
import { type Device, HeartbeatMonitor } from '@cupola/heartbeat'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-heartbeat-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Two are lost, the first of which was taken; one is alive. */
async function monitorOfThree() {
  const clock = new VirtualClock()
  const monitor = new HeartbeatMonitor<string>({ lostAfterMs: 1000, keepLost: true, clock })
  monitor.activate('taken', 'room 1')
  await clock.advance(1000)
  monitor.takeLost()
  monitor.activate('lost', 'room 2')
  await clock.advance(1000)
  monitor.activate('alive')
  return monitor
}

function keysOf(devices: Iterable<Device>): string[] {
  return Array.from(devices, ({ key }) => key)
}

describe('HeartbeatMonitor.cleanupLost()', () => {
  it('forgets all that are lost', async () => {
    const monitor = await monitorOfThree()

    expect(keysOf(await monitor.cleanupLost())).toEqual(['taken', 'lost'])

    expect(keysOf(monitor.devices())).toEqual(['alive'])
    expect(monitor.takeLost()).toEqual([])
    expect(await monitor.cleanupLost()).toEqual([])
  })

  it('writes them to a file first', async () => {
    const monitor = await monitorOfThree()
    const file = join(folder, 'lost.json')

    await monitor.cleanupLost({ dump: file })

    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject([
      { key: 'taken', meta: 'room 1', state: 'lost', silentMs: 2000 },
      { key: 'lost', meta: 'room 2', state: 'lost', silentMs: 1000 },
    ])
    expect(await readdir(folder)).toEqual(['lost.json'])
    expect(monitor.stats()).toMatchObject({ devices: 1, lost: 0 })
  })

  it('keeps one that recovers while it dumps, and is lost again', async () => {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, keepLost: true, clock })
    monitor.activate('a')
    await clock.advance(1000)

    const forgotten = await monitor.cleanupLost({
      async dump() {
        monitor.refresh('a')
        await clock.advance(1000)
      },
    })

    expect(forgotten).toEqual([])
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('hands them to a function first, and keeps those that recover meanwhile', async () => {
    const monitor = await monitorOfThree()
    const dumped: string[] = []

    const forgotten = await monitor.cleanupLost({
      async dump(devices) {
        dumped.push(...keysOf(devices))
        monitor.refresh('lost')
        await Promise.resolve()
      },
    })

    expect(dumped).toEqual(['taken', 'lost'])
    expect(keysOf(forgotten)).toEqual(['taken'])
    expect(keysOf(monitor.devices())).toEqual(['lost', 'alive'])
  })

  it('forgets nobody if they cannot be written', async () => {
    const monitor = await monitorOfThree()
    const file = join(folder, 'no such folder', 'lost.json')

    await expect(monitor.cleanupLost({ dump: file })).rejects.toMatchObject({ code: 'ENOENT' })

    expect(keysOf(monitor.lost())).toEqual(['taken', 'lost'])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('dump')
      },
    ],
    ['rejects', () => Promise.reject(new Error('dump'))],
  ])('forgets nobody if a dump %s, and may be asked again', async (_, dump) => {
    const monitor = await monitorOfThree()

    await expect(monitor.cleanupLost({ dump })).rejects.toThrow('dump')

    expect(keysOf(monitor.lost())).toEqual(['taken', 'lost'])
    expect(keysOf(await monitor.cleanupLost())).toEqual(['taken', 'lost'])
  })

  it('keeps nobody from cleaning up, or from anything else, while a dump never ends', async () => {
    const monitor = await monitorOfThree()
    const endless = monitor.cleanupLost({ dump: () => new Promise(() => {}) })

    expect(await stateOf(endless)).toBe('pending')
    expect(monitor.refresh('lost')).toBe('recovered')
    expect(keysOf(await monitor.cleanupLost())).toEqual(['taken'])
    await monitor.close()
    expect(await stateOf(endless)).toBe('pending')
  })

  it('forgets each only once when two dumps overlap', async () => {
    const monitor = await monitorOfThree()
    const forgotten: string[] = []
    monitor.on('forgotten', ({ device }) => forgotten.push(device.key))

    const cleanups = await Promise.all([
      monitor.cleanupLost({ dump: () => Promise.resolve() }),
      monitor.cleanupLost({ dump: () => Promise.resolve() }),
    ])

    expect(cleanups.map(keysOf)).toEqual([['taken', 'lost'], []])
    expect(forgotten).toEqual(['taken', 'lost'])
  })

  it('leaves the file as it was if the new one cannot take its place', async () => {
    const monitor = await monitorOfThree()

    await expect(monitor.cleanupLost({ dump: folder })).rejects.toBeInstanceOf(Error)

    expect(await readdir(folder)).toEqual([])
    expect(monitor.stats().lost).toBe(2)
  })
})
