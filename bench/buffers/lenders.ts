import { BufferPool, SharedBufferPool } from '@cupola/buffer-pool'

/** How many buffers are alive at a time. */
export const ALIVE = 64

/** Takes so many buffers, one after the other, each in the place of the one that is oldest. */
export type Loop = (times: number) => void

/** The loops for a size, by name. Each has its own words, so that nobody pays for an adapter. */
export function loopsFor(size: number): Record<string, Loop> {
  return {
    'floor: a list of Buffers': freeListLoop(size),
    'Buffer.alloc': freshLoop(() => Buffer.alloc(size)),
    'Buffer.allocUnsafe': freshLoop(() => Buffer.allocUnsafe(size)),
    'Buffer.allocUnsafeSlow': freshLoop(() => Buffer.allocUnsafeSlow(size)),
    BufferPool: poolLoop(new BufferPool({ blockSize: size, maxBlocks: 2 * ALIVE })),
    'BufferPool, leaks: off': poolLoop(
      new BufferPool({ blockSize: size, maxBlocks: 2 * ALIVE, leaks: 'off' }),
    ),
    'BufferPool, zero: take': poolLoop(
      new BufferPool({ blockSize: size, maxBlocks: 2 * ALIVE, zero: 'take' }),
    ),
    'BufferPool, zero: release': poolLoop(
      new BufferPool({ blockSize: size, maxBlocks: 2 * ALIVE, zero: 'release' }),
    ),
    SharedBufferPool: sharedPoolLoop(
      new SharedBufferPool({ blockSize: size, maxBlocks: 2 * ALIVE }),
    ),
  }
}

function freshLoop(make: () => Buffer): Loop {
  const alive = Array.from({ length: ALIVE }, make)
  return (times) => {
    for (let time = 0; time < times; time++) alive[time % ALIVE] = make()
  }
}

/** What people write by hand: finds no mistakes, and has no end. */
function freeListLoop(size: number): Loop {
  const free: Buffer[] = []
  const alive: Buffer[] = Array.from({ length: ALIVE }, () => Buffer.allocUnsafeSlow(size))
  return (times) => {
    for (let time = 0; time < times; time++) {
      const buffer = alive[time % ALIVE]
      if (buffer !== undefined) free.push(buffer)
      alive[time % ALIVE] = free.pop() ?? Buffer.allocUnsafeSlow(size)
    }
  }
}

/** Releases each buffer when its place is needed. */
export function poolLoop(pool: BufferPool): Loop {
  const alive = Array.from({ length: ALIVE }, () => pool.allocate(1))
  return (times) => {
    for (let time = 0; time < times; time++) {
      alive[time % ALIVE]?.release()
      alive[time % ALIVE] = pool.allocate(1)
    }
  }
}

/** The same once more, so that the engine compiles it for this class alone. */
function sharedPoolLoop(pool: SharedBufferPool): Loop {
  const alive = Array.from({ length: ALIVE }, () => pool.allocate(1))
  return (times) => {
    for (let time = 0; time < times; time++) {
      alive[time % ALIVE]?.release()
      alive[time % ALIVE] = pool.allocate(1)
    }
  }
}
