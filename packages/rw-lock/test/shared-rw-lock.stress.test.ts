// Answers to Go's rwmutex_test, HammerRWMutex: real threads, and an activity counter that a reader
// adds 1 to and a writer 10,000. The full number of operations is in the slow part.
import { describe, expect, it } from 'vitest'
import { ACTIVITY, FIRST, READ, SECOND, WRITTEN, WRONG } from './fixtures/rw-storm.ts'
import { at } from '../../../test/at.ts'
import { rwStorm } from './fixtures/rw-storms.ts'

const seed = Date.now() % 2 ** 30

describe(`SharedRwLock under three threads (seed ${seed})`, () => {
  it('lets readers in together and writers alone', async () => {
    const { lock, notes, exitCodes } = await rwStorm(300_000, seed)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(at(notes, READ) + at(notes, WRITTEN)).toBeGreaterThanOrEqual(300_000)
    expect(notes[ACTIVITY]).toBe(0)
    expect([notes[FIRST], notes[SECOND]]).toEqual([notes[WRITTEN], notes[WRITTEN]])
    expect(lock.tryWrite()).toBeDefined()
  })
})
