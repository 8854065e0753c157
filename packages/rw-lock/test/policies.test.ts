import { VirtualClock } from '@cupola/core/testing'
import { RwLock, type RwLockPolicy } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { settled, Visitors } from './fixtures/visitors.ts'

/** Who is inside at the same time, one group after the other: each group leaves together. */
async function groups(policy: RwLockPolicy, ...names: readonly string[]): Promise<string> {
  const visitors = new Visitors(new RwLock({ policy }))
  const seen: string[] = []
  await visitors.arrive(...names)
  while (visitors.inside.length > 0) {
    seen.push(visitors.inside.join('+'))
    await visitors.leave(...visitors.inside)
  }
  return seen.join(' ')
}

describe('the order in which a policy lets in', () => {
  it.each<[RwLockPolicy, string]>([
    ['phase-fair', 'r1 w1 r2+r3 w2'],
    ['fifo', 'r1 w1 r2 w2 r3'],
    ['writer-preferring', 'r1 w1 w2 r2+r3'],
    ['reader-preferring', 'r1+r2+r3 w1 w2'],
  ])('r1 w1 r2 w2 r3 under %s: %s', async (policy, expected) => {
    expect(await groups(policy, 'r1', 'w1', 'r2', 'w2', 'r3')).toBe(expected)
  })

  it.each<[RwLockPolicy, string]>([
    ['phase-fair', 'w1 r1+r2+u1 w2 u2 w3'],
    ['fifo', 'w1 r1+u1 w2 u2+r2 w3'],
    ['writer-preferring', 'w1 w2 w3 r1+r2+u1 u2'],
    ['reader-preferring', 'w1 r1+r2+u1 u2 w2 w3'],
  ])('w1 r1 u1 w2 u2 r2 w3 under %s: %s', async (policy, expected) => {
    expect(await groups(policy, 'w1', 'r1', 'u1', 'w2', 'u2', 'r2', 'w3')).toBe(expected)
  })

  it.each<[RwLockPolicy, string]>([
    ['phase-fair', 'u1+r1'],
    ['fifo', 'u1'],
    ['writer-preferring', 'u1+r1'],
    ['reader-preferring', 'u1+r1'],
  ])('a reader behind an upgradable that waits, under %s: %s', async (policy, expected) => {
    const [first] = (await groups(policy, 'u1', 'u2', 'r1')).split(' ')

    expect(first).toBe(expected)
  })
})

describe('a writer that gives up', () => {
  it.each<[RwLockPolicy, string[]]>([
    ['phase-fair', ['r1', 'r2', 'r3']],
    ['fifo', ['r1', 'r2', 'r3']],
    ['writer-preferring', ['r1', 'r2', 'r3']],
    // They had not waited for it.
    ['reader-preferring', ['r1', 'r2', 'r3']],
  ])('lets the readers in that waited only for it, under %s', async (policy, expected) => {
    const clock = new VirtualClock()
    const visitors = new Visitors(new RwLock({ policy, clock }))
    await visitors.arrive('r1')
    await visitors.arriveWith({ timeout: 5 }, 'w1')
    await visitors.arrive('r2', 'r3')
    const before = visitors.inside.length

    await clock.advance(5)

    expect(visitors.inside).toEqual(expected)
    expect(before).toBe(policy === 'reader-preferring' ? 3 : 1)
  })

  it.each<[RwLockPolicy, string[]]>([
    ['phase-fair', ['r1']],
    ['fifo', ['r1', 'r2']],
    ['writer-preferring', ['r1']],
    ['reader-preferring', ['r1', 'r2', 'r3']],
  ])('lets nobody in who waits for another writer, under %s', async (policy, expected) => {
    const controller = new AbortController()
    const visitors = new Visitors(new RwLock({ policy }))
    await visitors.arrive('r1')
    await visitors.arriveWith({ signal: controller.signal }, 'w1')
    await visitors.arrive('r2', 'w2', 'r3')

    controller.abort()
    await settled()

    expect(visitors.inside).toEqual(expected)
  })

  it('lets nobody in beside the writer that is inside', async () => {
    const controller = new AbortController()
    const visitors = new Visitors(new RwLock())
    await visitors.arrive('w1')
    await visitors.arriveWith({ signal: controller.signal }, 'w2')
    await visitors.arrive('r1')

    controller.abort()
    await settled()

    expect(visitors.inside).toEqual(['w1'])
  })
})

describe('phase-fair', () => {
  it('keeps a reader waiting for one writer, however many there are', async () => {
    const visitors = new Visitors(new RwLock())
    await visitors.arrive('w1', 'w2', 'w3', 'w4', 'r1')

    await visitors.leave('w1')

    expect(visitors.inside).toEqual(['r1'])
  })

  it('keeps a writer waiting for one phase of readers, however many come', async () => {
    const visitors = new Visitors(new RwLock())
    await visitors.arrive('r1', 'w1', 'r2', 'r3')
    await visitors.leave('r1')
    await visitors.arrive('r4', 'w2')
    expect(visitors.inside).toEqual(['w1'])

    await visitors.leave('w1')
    await visitors.arrive('r5')
    expect(visitors.inside).toEqual(['r2', 'r3', 'r4'])
    await visitors.leave('r2', 'r3', 'r4')

    expect(visitors.inside).toEqual(['w2'])
  })
})

describe('a downgrade', () => {
  it.each<[RwLockPolicy, string[]]>([
    ['phase-fair', ['r1', 'r2', 'u1']],
    ['fifo', ['r1']],
    ['writer-preferring', []],
    ['reader-preferring', ['r1', 'r2', 'u1']],
  ])('lets in who may come in after a write, under %s', async (policy, expected) => {
    const lock = new RwLock({ policy })
    const visitors = new Visitors(lock)
    const writing = await lock.write()
    await visitors.arrive('r1', 'w1', 'r2', 'u1')

    writing.downgrade()
    await settled()

    expect(visitors.inside).toEqual(expected)
  })
})
