import { describe, expect, it } from 'vitest'
import { WeakRecords } from '../src/debug/weak-records.ts'

/** Lets objects go that nothing holds any more. */
async function collectGarbage(): Promise<void> {
  // What a job has looked at through a `WeakRef` lives until the job is over.
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc?.()
}

describe('WeakRecords', () => {
  it('gives what it was given, once for each key', () => {
    const [one, other] = [{ name: 'one' }, { name: 'other' }]
    const records = new WeakRecords<object, string>()

    records.add(one, 'first')
    records.add(one, 'again')
    records.add(other, 'second')

    expect([...records]).toEqual([
      [one, 'first'],
      [other, 'second'],
    ])
    expect([records.has(one), records.has({}), records.size]).toEqual([true, false, 2])
  })

  it('keeps less than twice what is alive, however many have gone', async () => {
    const records = new WeakRecords<object, string>()
    const alive = Array.from({ length: 50 }, () => ({}))
    for (const key of alive) records.add(key, 'alive')

    let most = 0
    for (let round = 0; round < 20; round++) {
      for (let key = 0; key < 50; key++) records.add({}, 'gone soon')
      most = Math.max(most, records.size)
      await collectGarbage()
    }

    expect(most).toBeLessThanOrEqual(200)
    expect([...records].map(([key]) => key)).toEqual(alive)
  })

  it('looks for the dead only when it has grown to twice what was left', async () => {
    const records = new WeakRecords<object, string>()
    const alive = Array.from({ length: 64 }, () => ({}))
    for (const key of alive.slice(0, 33)) records.add(key, 'alive')

    for (let key = 0; key < 31; key++) records.add({}, 'gone soon')
    await collectGarbage()

    expect(records.size).toBe(64)
    records.add({}, 'gone soon')
    expect(records.size).toBe(34)
    await collectGarbage()
    records.add(alive[33] ?? {}, 'alive')
    expect(records.size).toBe(35)
  })
})
