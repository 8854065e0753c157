// Real threads, each of which notes whose the blocks are. The full number of operations is in the slow part.
import { describe, expect, it } from 'vitest'
import { printedSeed } from '../../../test/random.ts'
import { ARRIVED, LENT, WRONG } from './fixtures/pool-storm.ts'
import { closingStorm, deadlyStorm, poolStorm } from './fixtures/pool-storms.ts'

describe('SharedBufferPool under four threads', () => {
  it('lends no block to two, whether it is released, handed over or waited for', async () => {
    const seed = printedSeed('SharedBufferPool')

    const { pool, owners, notes, exitCodes } = await poolStorm(10_000, seed)

    expect(exitCodes).toEqual([0, 0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(notes[LENT]).toBeGreaterThan(10_000)
    expect(notes[ARRIVED]).toBeGreaterThan(25)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
    expect(owners.every((owner) => owner === 0)).toBe(true)
  })

  it('lends its only block to one at a time', async () => {
    const seed = printedSeed('SharedBufferPool, one block')

    const { pool, notes, exitCodes } = await poolStorm(1000, seed, 1)

    expect(exitCodes).toEqual([0, 0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(notes[LENT]).toBeGreaterThan(1000)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 1 })
  })
})

describe('SharedBufferPool whose threads die', () => {
  it('has all blocks back after each of eight deaths at any moment', async () => {
    const seed = printedSeed('SharedBufferPool, deaths')

    const { pool, notes, exitCodes } = await deadlyStorm(8, seed)

    expect(exitCodes).toEqual([0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(pool.lost).toBe(0)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
  })
  it('ends whole, whoever closes it and dies meanwhile', async () => {
    const seed = printedSeed('SharedBufferPool, deaths and closing')

    const aftermaths = await closingStorm(8, seed)

    expect(aftermaths).toHaveLength(1)
    for (const { pool, notes, exitCodes } of aftermaths) {
      expect(exitCodes).toEqual([0, 0])
      expect(notes[WRONG]).toBe(0)
      expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
    }
  })
})
