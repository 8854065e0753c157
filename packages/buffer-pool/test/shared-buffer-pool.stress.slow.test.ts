// Ten million operations, and four thousand deaths.
import { describe, expect, it } from 'vitest'
import { printedSeed } from '../../../test/random.ts'
import { ARRIVED, LENT, WRONG } from './fixtures/pool-storm.ts'
import { closingStorm, deadlyStorm, poolStorm } from './fixtures/pool-storms.ts'

describe('SharedBufferPool under four threads', () => {
  it('lends no block to two, in ten million operations', async () => {
    const seed = printedSeed('SharedBufferPool')

    const { pool, notes, exitCodes } = await poolStorm(2_500_000, seed)

    expect(exitCodes).toEqual([0, 0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
    console.log(`lent ${notes[LENT]} buffers, ${notes[ARRIVED]} of them handed over`)
  })

  it('lends its only block to one at a time, in a hundred thousand operations', async () => {
    const seed = printedSeed('SharedBufferPool, one block')

    const { pool, notes, exitCodes } = await poolStorm(25_000, seed, 1)

    expect(exitCodes).toEqual([0, 0, 0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 1 })
    console.log(`lent ${notes[LENT]} buffers, ${notes[ARRIVED]} of them handed over`)
  })
})

describe('SharedBufferPool whose threads die', () => {
  it('has all blocks back after each of two thousand deaths at any moment', async () => {
    const seed = printedSeed('SharedBufferPool, deaths')

    const { pool, notes, exitCodes } = await deadlyStorm(2000, seed)

    expect(exitCodes).toEqual([0, 0])
    expect(notes[WRONG]).toBe(0)
    expect(pool.lost).toBe(0)
    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
    console.log(`lent ${notes[LENT]} buffers`)
  })
  it('ends whole after two thousand deaths, whoever closes it and dies meanwhile', async () => {
    const seed = printedSeed('SharedBufferPool, deaths and closing')

    const aftermaths = await closingStorm(2000, seed)

    for (const { pool, notes, exitCodes } of aftermaths) {
      expect(exitCodes).toEqual([0, 0])
      expect(notes[WRONG]).toBe(0)
      expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0, free: 64 })
    }
    console.log(`closed ${aftermaths.length} pools`)
  })
})
