// The two stories that the manual of CUP (cup.thread.RWLock) tells. CUP itself lets in whoever
// timed out; here they are refused, hold nothing, and leave the lock as it was.
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { failureOf } from '../../../test/failure-of.ts'

describe('a writer inside', () => {
  it('keeps a second writer and a reader out until they time out, and they hold nothing', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ clock })
    const writing = await lock.write()
    const second = failureOf(lock.write({ timeout: 1000 }))
    const reader = failureOf(lock.read({ timeout: 1000 }))

    await clock.advance(1000)

    expect(await second).toBeInstanceOf(TimeoutError)
    expect(await reader).toBeInstanceOf(TimeoutError)
    expect(lock.stats()).toMatchObject({ writers: 1, readers: 0, waitingWriters: 0 })
    writing.release()
    expect(lock.stats()).toMatchObject({ writers: 0, readers: 0 })
    expect(lock.tryWrite()).toBeDefined()
  })
})

describe('three readers inside', () => {
  it('keep a writer out until it times out, and let it in once they have left', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ clock })
    const readers = await Promise.all([lock.read(), lock.read(), lock.read()])
    expect(lock.stats().readers).toBe(3)
    const refused = failureOf(lock.write({ timeout: 1000 }))

    await clock.advance(1000)
    expect(await refused).toBeInstanceOf(TimeoutError)
    const again = lock.write({ timeout: 1000 })
    expect(await stateOf(again)).toBe('pending')
    for (const guard of readers) guard.release()

    expect(await stateOf(again)).toBe('fulfilled')
    expect(lock.stats()).toMatchObject({ writers: 1, readers: 0 })
    expect(clock.pending).toBe(0)
  })
})
