// Answers to CPython's `Lib/test/lock_tests.py`: what its cases for barriers expect, written
// anew. A bunch of threads is here a bunch of async functions.
import { VirtualClock } from '@cupola/core/testing'
import { Barrier } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { bunch } from './fixtures/bunch.ts'

const PARTIES = 5

describe('barriers', () => {
  it.each([1, 10])('are passed by all together, %s times', async (rounds) => {
    const barrier = new Barrier(PARTIES)
    const arrivals: number[] = []

    const visits = bunch(PARTIES, async () => {
      for (let round = 0; round < rounds; round++) {
        arrivals.push(round)
        await barrier.wait()
        expect(arrivals.filter((arrival) => arrival === round)).toHaveLength(PARTIES)
      }
    })

    await Promise.all(visits)
    expect(barrier.stats()).toEqual({ parties: PARTIES, waiting: 0, broken: false })
  })

  it('give each of a party another number', async () => {
    const barrier = new Barrier(PARTIES)

    const numbers = await Promise.all(bunch(PARTIES, () => barrier.wait()))

    expect(numbers).toEqual([0, 1, 2, 3, 4])
  })

  it('call their action once for each round', async () => {
    let calls = 0
    const barrier = new Barrier(PARTIES, { action: () => calls++ })

    await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(calls).toBe(1)

    await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(calls).toBe(2)
  })

  it('that are aborted refuse those who wait and those who come', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.abort()

    const outcomes = await Promise.allSettled([...visits, barrier.wait()])
    expect(outcomes.map(({ status }) => status)).toEqual(Array(PARTIES).fill('rejected'))
    expect(barrier.broken).toBe(true)
  })

  it('that are reset refuse those who wait, and let a new party pass', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.reset()

    const outcomes = await Promise.allSettled(visits)
    expect(outcomes.map(({ status }) => status)).toEqual(Array(PARTIES - 1).fill('rejected'))
    expect(barrier.broken).toBe(false)
    await Promise.all(bunch(PARTIES, () => barrier.wait()))
  })

  it('that are aborted and then reset let a new party pass', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.abort()
    barrier.reset()

    await Promise.allSettled(visits)
    const passed = await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(passed).toHaveLength(PARTIES)
  })

  it('break for all when one times out', async () => {
    const clock = new VirtualClock()
    const barrier = new Barrier(PARTIES, { clock })
    const late = barrier.wait({ timeout: 10 }).catch((error: unknown) => error)
    const others = Promise.allSettled(bunch(PARTIES - 2, () => barrier.wait()))

    await clock.advance(10)

    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' })
    for (const outcome of await others) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_BROKEN' } })
    }
    await expect(barrier.wait()).rejects.toMatchObject({ code: 'ERR_BROKEN' })
  })

  it('for one let it pass', async () => {
    const barrier = new Barrier(1)

    expect([await barrier.wait(), await barrier.wait()]).toEqual([0, 0])
  })
})
