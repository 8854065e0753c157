import { BufferPool } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'

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
