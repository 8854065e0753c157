// The full number of numbers.
import { nextNumber } from '@cupola/ids'
import { describe, expect, it } from 'vitest'
import type { TakenNumbers } from './fixtures/take-numbers.ts'
import { messageOf } from './fixtures/threads.ts'

const THREADS = 8
const TIMES = 1_000_000

describe('nextNumber() on 8 threads, a million times on each', () => {
  it('gives every number once, without a gap, and each its own in order', async () => {
    expect(nextNumber()).toBe(0)
    const tasks = Array.from({ length: THREADS }, () =>
      messageOf<TakenNumbers>('take-numbers.ts', { times: TIMES }),
    )

    const taken = await Promise.all(tasks)

    const times = new Uint8Array(THREADS * TIMES + 1)
    for (const { numbers } of taken) {
      for (const number of numbers) times[number] = (times[number] ?? 0) + 1
    }
    expect(taken.every(({ ascending }) => ascending)).toBe(true)
    expect(times[0]).toBe(0)
    expect(times.subarray(1).every((count) => count === 1)).toBe(true)
    expect(nextNumber()).toBe(THREADS * TIMES + 1)
  })
})
