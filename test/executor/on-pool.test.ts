// Executor and ThreadPool are on one layer and do not know each other: here they meet.
import { TimeoutError } from '@cupola/core'
import { Executor, onPool } from '@cupola/executor'
import { inline, ThreadPool } from '@cupola/thread-pool'
import { expect, describe, it } from 'vitest'
import { expectNoLeaks } from '../leaks.ts'

expectNoLeaks()

const functions = {
  square: (n: number) => n * n,
  spin: () => {
    for (;;);
  },
}

describe('onPool()', () => {
  it('has a thread of a ThreadPool do the work', async () => {
    const pool = new ThreadPool<typeof functions>(inline(functions), { maxThreads: 1 })
    const executor = new Executor()

    const byName = executor.queueExec(onPool<number>(pool, 'square', [7]))
    const typed = executor.delayExec(1, ({ signal }) => pool.run('square', [8], { signal }))

    await expect(Promise.all([byName.result, typed.result])).resolves.toEqual([49, 64])
    await executor.close()
    await pool.close()
  })

  it('ends a loop that never ends when the task takes too long, and frees its slot', async () => {
    const pool = new ThreadPool<typeof functions>(inline(functions), {
      maxThreads: 1,
      interruption: { signalMs: 0, checkpointMs: 0 },
    })
    const executor = new Executor({ queueConcurrency: 1 })

    const stuck = executor.queueExec(onPool(pool, 'spin'), { runTimeout: 200 })
    const next = executor.queueExec(onPool<number>(pool, 'square', [3]))

    await expect(stuck.result).rejects.toBeInstanceOf(TimeoutError)
    await expect(next.result).resolves.toBe(9)
    await executor.close()
    await pool.close()
  })

  it('refuses what is no pool', () => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => onPool({}, 'square')).toThrow(TypeError)
  })
})
