// Ten million operations of the hammer.
import { describe, expect, it } from 'vitest'
import {
  FIRST,
  LONGEST_READ,
  LONGEST_WRITE,
  READ,
  SECOND,
  WAITED,
  WRITTEN,
  WRONG,
} from './fixtures/rw-storm.ts'
import { rwStorm } from './fixtures/rw-storms.ts'
import { at } from '../../../test/at.ts'

/** How often they get in; tries that fail do not count. */
const TIMES = 10_000_000

const seed = Date.now() % 2 ** 30

/** A thread of three on two CPUs may have to wait for a time slice; a lost wake-up lasts longer. */
const LONGEST_WAIT_MS = 2000

describe(`SharedRwLock under three threads (seed ${seed})`, () => {
  it('lets readers in together and writers alone, ten million times', async () => {
    const { notes, exitCodes } = await rwStorm(TIMES, seed)

    expect(exitCodes).toEqual([0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(at(notes, READ) + at(notes, WRITTEN)).toBeGreaterThanOrEqual(TIMES)
    expect([notes[FIRST], notes[SECOND]]).toEqual([notes[WRITTEN], notes[WRITTEN]])
    const [read, write] = [at(notes, LONGEST_READ) / 1000, at(notes, LONGEST_WRITE) / 1000]
    expect(Math.max(read, write)).toBeLessThan(LONGEST_WAIT_MS)
    console.log(
      `read ${notes[READ]} and wrote ${notes[WRITTEN]} times, ${notes[WAITED]} by waiting`,
    )
    console.log(`waited ${read} ms at most to read, ${write} ms to write`)
  })
})
