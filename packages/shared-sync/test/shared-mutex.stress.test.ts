// Real threads against a count that needs no lock. The full number of operations is in the slow part.
import { describe, expect, it } from 'vitest'
import { ENTERED, FIRST, LONGEST, SECOND, WRONG } from './fixtures/storm.ts'
import { mutexStorm } from './fixtures/storms.ts'

const seed = Date.now() % 2 ** 30

describe(`SharedMutex under three threads (seed ${seed})`, () => {
  it('lets one in at a time, of those who block, await, give up and only try', async () => {
    const { mutex, notes, exitCodes } = await mutexStorm(200_000, seed)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect([notes[FIRST], notes[SECOND]]).toEqual([notes[ENTERED], notes[ENTERED]])
    expect(notes[ENTERED]).toBeGreaterThanOrEqual(200_000)
    expect(notes[LONGEST]).toBeGreaterThan(0)
    expect(mutex.locked).toBe(false)
  })

  it('goes on after each of ten deaths at any moment', async () => {
    const { notes, exitCodes } = await mutexStorm(Infinity, seed, 10)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
  })
})
