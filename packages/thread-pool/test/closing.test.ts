import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

describe('ThreadPool.close()', () => {
  it('finishes what was accepted, then ends the threads', async () => {
    const pool = workPool({ maxThreads: 2 })
    const sums = Array.from({ length: 200 }, async (_, index) => await pool.run('add', [index, 1]))

    await pool.close()

    expect(pool.stats()).toMatchObject({ completed: 200, threads: 0, queued: 0, crashed: 0 })
    expect(liveThreads()).toBe(0)
    await Promise.all(sums)
  })

  it('waits for a running call', async () => {
    const pool = workPool()
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const closed = pool.close()

    await expect(stateOf(closed)).resolves.toBe('pending')
    gate.open()
    await Promise.all([held, closed])
  })

  it('gives the same promise each time', () => {
    const pool = workPool()

    expect(pool.close()).toBe(pool.close())
    expect(pool[Symbol.asyncDispose]()).toBe(pool.close())
  })

  it('closes a pool that never started a thread', async () => {
    const pool = workPool()

    await pool.close()

    expect(pool.closed).toBe(true)
    expect(pool.stats()).toMatchObject({ started: 0 })
  })

  it('ends threads that are still loading', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })

    await pool.close()

    expect(pool.stats()).toMatchObject({ threads: 0, started: 2, crashed: 0 })
    expect(liveThreads()).toBe(0)
  })

  it('ends a thread whose module never finishes loading', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))', {
      minThreads: 1,
      maxThreads: 1,
    })

    await pool.close()

    expect(liveThreads()).toBe(0)
  })

  it('lets the module clean up', async () => {
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       process.on('exit', () => Atomics.store(workerData, 0, 1))
       setInterval(() => {}, 1000)
       export const work = () => 'worked'`,
      { workerOptions: { workerData: flag } },
    )
    await pool.run('work', [])

    await pool.close()

    expect(Atomics.load(flag, 0)).toBe(1)
  })

  it('ends a thread that cleans up for ever', async () => {
    const pool = textPool(
      `process.on('exit', () => { for (;;); })
       export const work = () => 'worked'`,
    )
    await pool.run('work', [])

    await pool.close()

    expect(liveThreads()).toBe(0)
    expect(pool.stats()).toMatchObject({ lost: 0 })
  })

  it('fails no call of a pool whose module does not load more than once', async () => {
    const pool = textPool('throw new Error("no")')
    const call = errorOf(pool.run('work', []))

    await pool.close()

    await expect(call).resolves.toHaveProperty('code', 'ERR_BROKEN')
  })

  it('leaves no timer on the clock', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 2, clock })
    await Promise.all(Array.from({ length: 9 }, async () => await pool.run('add', [1, 2])))

    await pool.close()

    expect(clock.pending).toBe(0)
  })
})

describe('a closed pool', () => {
  it('refuses calls with a ClosedError, before it looks at the signal', async () => {
    const pool = workPool()
    const closing = pool.close()

    const error = await errorOf(pool.run('add', [1, 2], { signal: AbortSignal.abort('aborted') }))
    expect(error).toBeInstanceOf(ClosedError)
    expect(error.message).toBe('Cannot call "add": the thread pool is closed')
    await closing

    await expect(pool.run('add', [1, 2])).rejects.toBeInstanceOf(ClosedError)
  })

  it('still finds bad arguments first', async () => {
    const pool = workPool()
    await pool.close()

    await expect(pool.run('add', [1, 2], { timeout: -1 })).rejects.toBeInstanceOf(RangeError)
  })
})

describe('ThreadPool.tryClose()', () => {
  it('is true when all ended in time', async () => {
    const pool = workPool()
    await pool.run('add', [1, 2])

    await expect(pool.tryClose()).resolves.toBe(true)

    expect(pool.closed).toBe(true)
  })

  it('is false when the time is over, and the closing goes on', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ clock, idleTimeoutMs: Infinity })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const inTime = pool.tryClose({ timeout: 500 })
    await clock.advance(499)
    await expect(stateOf(inTime)).resolves.toBe('pending')
    await clock.advance(1)

    await expect(inTime).resolves.toBe(false)
    expect(pool.closed).toBe(true)
    gate.open()
    await held
    await expect(pool.tryClose()).resolves.toBe(true)
  })

  it('rejects with the reason of its signal, and the closing goes on', async () => {
    const pool = workPool()
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    const controller = new AbortController()

    const trying = reasonOf(pool.tryClose({ signal: controller.signal }))
    controller.abort('enough')

    await expect(trying).resolves.toBe('enough')
    expect(pool.closed).toBe(true)
    gate.open()
    await Promise.all([held, pool.close()])
  })

  it('closes nothing when its signal has aborted already, or an argument is bad', async () => {
    const pool = workPool()

    await expect(pool.tryClose({ signal: AbortSignal.abort('no') })).rejects.toBe('no')
    await expect(pool.tryClose({ timeout: -1 })).rejects.toBeInstanceOf(RangeError)
    await expect(pool.tryClose({ timeout: '1' as never })).rejects.toBeInstanceOf(TypeError)

    expect(pool.closed).toBe(false)
  })
})

describe('ThreadPool.terminate()', () => {
  it('fails running and waiting calls with its reason, and tells which had not begun', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await reasonOf(pool.run('hold', [gate.buffer])))
    await until(() => gate.entered === 2)
    const waiting = [1, 2, 3].map(async (value) => await reasonOf(pool.run('echo', [value])))
    await until(() => pool.stats().queued === 3)

    const report = await pool.terminate('over')

    expect(report.interrupted).toBe(2)
    expect(report.unbegun.toSorted((a, b) => Number(a.args[0]) - Number(b.args[0]))).toEqual([
      { name: 'echo', args: [1] },
      { name: 'echo', args: [2] },
      { name: 'echo', args: [3] },
    ])
    await expect(Promise.all([...held, ...waiting])).resolves.toEqual(
      Array.from({ length: 5 }, () => 'over'),
    )
    expect(liveThreads()).toBe(0)
    expect(pool.stats()).toMatchObject({ cancelled: 5, failed: 0, crashed: 0, queued: 0 })
  })

  it('tells the calls that had not begun in the order they were made', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gate = new ThreadGate()
    const calls = Array.from(
      { length: 300 },
      async (_, index) =>
        await reasonOf(
          pool.run(index < 2 ? 'hold' : 'echo', [index < 2 ? gate.buffer : index] as never),
        ),
    )
    await until(() => gate.entered === 2)

    const { unbegun } = await pool.terminate('over')

    expect(unbegun.map(({ args }) => args[0])).toEqual(
      Array.from({ length: 298 }, (_, index) => index + 2),
    )
    await Promise.all(calls)
  })

  it('gives a ClosedError when it is given no reason', async () => {
    const pool = workPool()
    const call = errorOf(pool.run('add', [1, 2]))

    await pool.terminate()

    await expect(call).resolves.toEqual(new ClosedError('finish the call', 'the thread pool'))
  })

  it('ends threads that are loading, idle, or busy without end', async () => {
    const loading = workPool({ minThreads: 2, maxThreads: 2 })
    const idle = workPool()
    const busy = textPool(
      'export function spin(gate) { Atomics.store(new Int32Array(gate), 0, 1); for (;;); }',
    )
    const gate = new SharedArrayBuffer(4)
    const spinning = reasonOf(busy.run('spin', [gate]))
    await idle.run('add', [1, 2])
    await until(() => new Int32Array(gate)[0] === 1)

    await Promise.all([loading, idle, busy].map(async (pool) => await pool.terminate('over')))

    expect(liveThreads()).toBe(0)
    await expect(spinning).resolves.toBe('over')
  })

  it('cuts a close short that still waits', async () => {
    const pool = workPool()
    const gate = new ThreadGate()
    const held = reasonOf(pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 1)
    const closed = pool.close()

    await expect(pool.terminate('over')).resolves.toEqual({ unbegun: [], interrupted: 1 })

    await closed
    await expect(held).resolves.toBe('over')
  })

  it('finds nothing the second time, and after close()', async () => {
    const nothing = { unbegun: [], interrupted: 0 }
    const pool = workPool()
    await pool.run('add', [1, 2])

    await pool.terminate()
    await expect(pool.terminate()).resolves.toEqual(nothing)
    await pool.close()

    await expect(pool.terminate()).resolves.toEqual(nothing)
  })

  it('is what close() waits for afterwards', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 1 })

    void pool.terminate()
    await pool.close()

    expect(liveThreads()).toBe(0)
  })

  it('loses no answer that had arrived', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    await pool.run('add', [0, 0])
    const done = pool.run('add', [1, 2])
    const held = reasonOf(pool.run('hold', [gate.buffer]))
    // The event loop does not turn between the answer and the end.
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        while (gate.entered === 0);
        resolve(pool.terminate('over').then(() => {}))
      })
    })

    await expect(done).resolves.toBe(3)
    await expect(held).resolves.toBe('over')
  })
})

describe('the end of a pool', () => {
  it.each(['close', 'terminate'] as const)('%s() may be awaited by a listener', async (how) => {
    const pool = workPool({ maxThreads: 1 })
    const ended = new Promise<void>((resolve) => {
      pool.on('idle', () => void pool[how]().then(() => resolve()))
    })

    await pool.run('add', [1, 2])

    await ended
    expect(liveThreads()).toBe(0)
  })

  it.each(['threadStart', 'threadExit', 'recycle'] as const)(
    'may be begun at %s',
    async (event) => {
      const pool = workPool({ maxThreads: 1, recycle: { calls: 1 } })
      const ended: Promise<unknown>[] = []
      pool.on(event, () => ended.push(pool.terminate('over'), pool.close()))

      await pool.run('add', [1, 2]).catch(() => {})
      await until(() => ended.length > 0)

      await Promise.all(ended)
      expect(liveThreads()).toBe(0)
    },
  )

  it('comes once, whoever asks for it how often at the same time', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = reasonOf(pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 1)

    const closed = [pool.close(), pool.tryClose()]
    const [first, second] = await Promise.all([pool.terminate('first'), pool.terminate('second')])
    await Promise.all(closed)

    expect(first).toEqual({ unbegun: [], interrupted: 1 })
    expect(second).toEqual({ unbegun: [], interrupted: 0 })
    await expect(held).resolves.toBe('first')
  })

  it('does not come before a call that was given up has ended, if it is by close()', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const held = reasonOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    controller.abort('given up')
    await pool.close()

    await expect(held).resolves.toBe('given up')
    expect(pool.stats().interrupted).toMatchObject({ execution: 1, thread: 0 })
    expect(liveThreads()).toBe(0)
  })

  it('cuts an interruption short, if it is by terminate()', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const held = reasonOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    controller.abort('given up')
    await pool.terminate('over')

    await expect(held).resolves.toBe('given up')
    expect(pool.stats().interrupted).toMatchObject({ thread: 1 })
    expect(clock.pending).toBe(0)
  })

  it('does not wait for a thread that would not terminate in time, which is counted', async () => {
    const pool = textPool(
      `import { pbkdf2Sync } from 'node:crypto'
       export function grind(entered) {
         Atomics.store(entered, 0, 1)
         pbkdf2Sync('password', 'salt', 700_000, 64, 'sha512')
       }
       export const add = (a, b) => a + b`,
      { maxThreads: 1, interruption: { checkpointMs: 0, executionMs: 0, threadMs: 1 } },
    )
    const entered = new Int32Array(new SharedArrayBuffer(4))
    const controller = new AbortController()
    const call = reasonOf(pool.run('grind', [entered], { signal: controller.signal }))
    await until(() => entered[0] === 1)
    controller.abort('given up')
    await call

    await until(() => pool.stats().lost === 1)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    await pool.close()

    expect(pool.stats()).toMatchObject({ threads: 0, lost: 1, started: 2, crashed: 0 })
  })
})
