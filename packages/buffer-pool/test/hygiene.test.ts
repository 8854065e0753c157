import { BufferPool, type LateWriteReport, UseAfterReleaseError } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../../test/reason-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { uncaughtBy } from './fixtures/uncaught-by.ts'

const SECRET = Buffer.alloc(16, 's')

/** What the next owner finds in a block. */
function leftover(pool: BufferPool): Buffer {
  const buffer = pool.allocate(1)
  const [room] = buffer.spare()
  room?.set(SECRET)
  buffer.release()
  return Buffer.concat(pool.allocate(1).spare())
}

describe('zero', () => {
  const poolThatZeros = (zero: 'never' | 'take' | 'release'): BufferPool =>
    new BufferPool({ blockSize: 16, maxBlocks: 1, zero })

  it.each(['take', 'release'] as const)('%s: nobody sees what the last owner wrote', (zero) => {
    expect(leftover(poolThatZeros(zero))).toEqual(Buffer.alloc(16))
  })

  it('never: the next owner may see it', () => {
    expect(leftover(poolThatZeros('never'))).toEqual(SECRET)
  })

  it.each([
    ['take', SECRET],
    ['release', Buffer.alloc(16)],
  ] as const)('%s: what lies idle is %o', (zero, idle) => {
    const buffer = poolThatZeros(zero).allocate(1)
    const [view = Buffer.alloc(0)] = buffer.set(SECRET).bytes()

    buffer.release()

    expect(view).toEqual(idle)
  })

  it.each(['never', 'take', 'release'] as const)('%s: the first owner finds zeros', (zero) => {
    expect(Buffer.concat(poolThatZeros(zero).allocate(1).spare())).toEqual(Buffer.alloc(16))
  })
})

describe('guard: poison', () => {
  it('reports that somebody wrote through a view after the release', async () => {
    const reports: LateWriteReport[] = []
    const onLateWrite = (report: LateWriteReport): unknown => reports.push(report)
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 2, guard: 'poison', onLateWrite })
    const buffer = pool.allocate(2, { tag: 'culprit' })
    const [, view = Buffer.alloc(0)] = buffer.spare()
    buffer.release()

    view[5] = 0
    pool.allocate(2)
    await eventLoopTurn()

    expect(reports).toEqual([
      { bufferId: 1, tag: 'culprit', offset: 5, releasedAt: expect.any(Error) },
    ])
    expect(reports[0]?.releasedAt?.stack).toContain('hygiene.test.ts')
  })

  it('reports nothing of those who keep to the rules', async () => {
    const reports: LateWriteReport[] = []
    const onLateWrite = (report: LateWriteReport): unknown => reports.push(report)
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, guard: 'poison', onLateWrite })

    for (const text of ['one', 'two', 'three']) pool.allocate(1).set(text).release()
    await eventLoopTurn()

    expect(reports).toEqual([])
  })

  it.each(['take', 'release'] as const)('leaves zeros all the same, with zero: %s', (zero) => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, guard: 'poison', zero })

    expect(leftover(pool)).toEqual(Buffer.alloc(16))
  })

  it('leaves no secret without it', () => {
    expect(leftover(new BufferPool({ blockSize: 16, maxBlocks: 1, guard: 'poison' }))).toEqual(
      Buffer.alloc(16, 0xdb),
    )
  })

  it('is an uncaught exception without a listener', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, guard: 'poison' })
    const buffer = pool.allocate(1)
    const [view = Buffer.alloc(0)] = buffer.spare()
    buffer.release()
    view[0] = 1

    const [error] = await uncaughtBy(() => void pool.tryAllocate(1), 1)

    expect(error).toBeInstanceOf(UseAfterReleaseError)
    expect(error).toMatchObject({
      message: 'Cannot write to byte 0 of a block of the buffer 1: it was released',
    })
  })

  it('lends on when the listener throws', async () => {
    const onLateWrite = (): never => {
      throw new Error('mine')
    }
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, guard: 'poison', onLateWrite })
    const buffer = pool.allocate(1)
    const [view = Buffer.alloc(0)] = buffer.spare()
    buffer.release()
    view[0] = 1

    const uncaught = await uncaughtBy(() => pool.tryAllocate(1)?.release(), 1)

    expect(uncaught).toEqual([new Error('mine')])
    expect(pool.allocate(1).set('x'.repeat(16)).toString()).toBe('x'.repeat(16))
  })
})

describe('guard: detach', () => {
  const newPool = (): BufferPool => new BufferPool({ blockSize: 16, maxBlocks: 3, guard: 'detach' })

  it('makes stale views empty', () => {
    const pool = newPool()
    const buffer = pool.allocate(2).set('x'.repeat(20))
    const views = [...buffer.bytes(), ...buffer.spare()]

    buffer.release()

    expect(views.map((view) => view.length)).toEqual([0, 0, 0])
    expect(() => views[0]?.writeUInt8(1)).toThrow(RangeError)
  })

  it('lends zeros, again and again', () => {
    const pool = newPool()

    expect(leftover(pool)).toEqual(Buffer.alloc(16))
    expect(leftover(pool)).toEqual(Buffer.alloc(16))
  })

  it('goes on when somebody has sent a block away', () => {
    const pool = newPool()
    const buffer = pool.allocate(1)
    const [view] = buffer.spare()
    structuredClone(view?.buffer, { transfer: [view?.buffer as ArrayBuffer] })

    buffer.release()

    expect(pool.allocate(3).set('x'.repeat(48)).length).toBe(48)
  })
})

describe.each(['poison', 'detach'] as const)('guard: %s', (guard) => {
  it('says where a buffer was released that is released again or used', () => {
    const buffer = new BufferPool({ blockSize: 16, maxBlocks: 1, guard }).allocate(1)
    releaseHere()

    for (const misuse of [() => buffer.release(), () => buffer.bytes()]) {
      const { cause } = thrownBy(misuse) as Error
      expect((cause as Error).stack).toContain('releaseHere')
    }

    function releaseHere(): void {
      buffer.release()
    }
  })
})
