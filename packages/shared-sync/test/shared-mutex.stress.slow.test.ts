// Ten million operations, and three hundred deaths.
import { describe, expect, it } from 'vitest'
import { ENTERED, FIRST, LONGEST, MENDED, SECOND, WAITED, WRONG } from './fixtures/storm.ts'
import { mutexStorm } from './fixtures/storms.ts'
import { at } from '../../../test/at.ts'

/**
 * A try fails while somebody else is inside, which on a machine with nothing else to do is most of the
 * time: so what counts is who got in.
 */
const TIMES = 10_000_000

const seed = Date.now() % 2 ** 30

/** A thread of three on two CPUs may have to wait for a time slice; a lost wake-up lasts longer. */
const LONGEST_WAIT_MS = 2000

describe(`SharedMutex under three threads (seed ${seed})`, () => {
  it('lets one in at a time, ten million times', async () => {
    const { notes, exitCodes } = await mutexStorm(TIMES, seed)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(notes[ENTERED]).toBeGreaterThanOrEqual(TIMES)
    expect([notes[FIRST], notes[SECOND]]).toEqual([notes[ENTERED], notes[ENTERED]])
    expect(at(notes, LONGEST) / 1000).toBeLessThan(LONGEST_WAIT_MS)
    console.log(`entered ${notes[ENTERED]} times, ${notes[WAITED]} of them by waiting patiently`)
    console.log(`waited ${at(notes, LONGEST) / 1000} ms at most`)
  })

  it('goes on after each of three hundred deaths at any moment', async () => {
    const { notes, exitCodes } = await mutexStorm(Infinity, seed, 300)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    // Some of them died inside.
    expect(notes[MENDED]).toBeGreaterThan(0)
    console.log(`mended ${notes[MENDED]} times`)
  })
})
