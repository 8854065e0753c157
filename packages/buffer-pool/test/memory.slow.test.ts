import { BufferPool, type PooledBuffer } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'

const CYCLES = 10_000_000
const ALIVE = 64

function memory(): { readonly arrayBuffers: number; readonly rss: number } {
  globalThis.gc?.()
  const { arrayBuffers, rss } = process.memoryUsage()
  return { arrayBuffers, rss }
}

describe('ten million buffers of 132 KiB, 64 alive at a time', () => {
  it('take no more memory than the ten million before them', () => {
    const pool = new BufferPool({ maxBlocks: 2 * ALIVE })
    const alive = Array.from({ length: ALIVE }, () => pool.allocate(1))
    const turn = (cycles: number): void => {
      for (let cycle = 0; cycle < cycles; cycle++) {
        alive[cycle % ALIVE]?.release()
        alive[cycle % ALIVE] = pool.allocate(1)
      }
    }
    turn(CYCLES)
    const before = memory()

    turn(CYCLES)

    const after = memory()
    console.log(before, after)
    expect(after.arrayBuffers).toBe(before.arrayBuffers)
    // What the engine has for itself comes and goes.
    expect(after.rss - before.rss).toBeLessThan(32 * 2 ** 20)
    expect(pool.stats()).toMatchObject({ used: ALIVE, reserved: ALIVE, grows: 8 })
  })
})

describe('buffers of mixed sizes, up to a million', () => {
  it.each([
    ['off', 1_000_000],
    ['poison', 100_000],
    ['detach', 100_000],
  ] as const)('are what a shadow of them says they are, with guard: %s', (guard, count) => {
    const random = randomFrom(printedSeed(`BufferPool, guard: ${guard}`))
    const below = (limit: number): number => Math.floor(random() * limit)
    const pool = new BufferPool({ blockSize: 64, maxBlocks: 2000, leaks: 'off', guard })
    const alive: { readonly buffer: PooledBuffer; readonly text: string }[] = []
    const owned = new Set<string>()
    const places = (buffer: PooledBuffer): string[] =>
      [...buffer.bytes(), ...buffer.spare()].map(
        (bytes) => `${idOf(bytes.buffer)}+${bytes.byteOffset}`,
      )
    const ids = new WeakMap<ArrayBufferLike, number>()
    let nextId = 0
    const idOf = (slab: ArrayBufferLike): number => {
      if (!ids.has(slab)) ids.set(slab, nextId++)
      return ids.get(slab) ?? -1
    }
    let used = 0

    for (let taken = 0; taken < count;) {
      const blocks = 1 + below(8)
      const buffer = below(100) < 52 ? pool.tryAllocate(blocks) : undefined
      if (buffer !== undefined) {
        taken++
        used += blocks
        const text = `${taken} `.repeat(below(blocks * 8))
        for (const place of places(buffer)) {
          if (owned.has(place)) throw new Error(`Two have ${place}`)
          owned.add(place)
        }
        alive.push({ buffer: buffer.set(text), text })
        continue
      }
      const [old] = alive.splice(below(alive.length), 1)
      if (old === undefined) continue
      if (old.buffer.toString() !== old.text) throw new Error(`Somebody wrote to ${old.buffer.id}`)
      old.buffer.set('')
      for (const place of places(old.buffer)) owned.delete(place)
      used -= old.buffer.capacity / 64
      old.buffer.release()
      if (below(10_000) === 0) pool.trim()
      if (pool.stats().used !== used) throw new Error(`${pool.stats().used} are used, not ${used}`)
    }

    expect(owned.size).toBe(used)
    for (const { buffer } of alive) buffer.release()
    expect(pool.stats()).toMatchObject({ used: 0, free: 2000, takes: count })
  })
})
