import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { poolOf, sharedPool } from './fixtures/pools.ts'
import type * as Tasks from './fixtures/tasks.ts'

const MODULE = new URL('./fixtures/tasks.ts', import.meta.url)
const shared = sharedPool<typeof Tasks>(MODULE)

describe('onProgress', () => {
  it.each(['count', 'countLater'] as const)(
    'hears all that %s tells, in order and before the end',
    async (name) => {
      const heard: unknown[] = []
      const onProgress = (value: unknown) => heard.push(value)

      await shared.run(name, [3], { onProgress }).then((result) => heard.push(result))

      expect(heard).toEqual([{ done: 1 }, { done: 2 }, { done: 3 }, 'counted'])
    },
  )

  it('hears of a function that is still running', async () => {
    const gate = new ThreadGate()
    const heard: unknown[] = []
    const held = shared.run('tellAndHold', [gate.buffer], {
      onProgress: (value) => heard.push(value),
    })

    await until(() => heard.length === 1)

    expect(heard).toEqual(['waiting'])
    gate.open()
    await held
  })

  it('hears no more when the call has settled', async () => {
    const heard: unknown[] = []

    await shared.run('tellTooLate', [], { onProgress: (value) => heard.push(value) })
    await shared.run('echo', [1])
    await shared.run('echo', [2])

    expect(heard).toEqual([])
  })

  it('hears no more when the call was given up', async () => {
    const pool = poolOf<typeof Tasks>(MODULE)
    const gate = new ThreadGate()
    const controller = new AbortController()
    const heard: unknown[] = []
    const held = pool.run('tellAndHold', [gate.buffer], {
      signal: controller.signal,
      onProgress: (value) => heard.push(value),
    })
    await until(() => gate.entered === 1)

    controller.abort('enough')

    const before = heard.length
    await expect(held).rejects.toBe('enough')
    await eventLoopTurn()
    expect(heard).toHaveLength(before)
  })

  it('hears only of its own call', async () => {
    const heard: number[][] = [[], []]

    await Promise.all(
      heard.map(
        async (own, index) =>
          await shared.run('count', [index + 1], {
            onProgress: (value) => own.push(Number(!value)),
          }),
      ),
    )

    expect(heard.map((own) => own.length)).toEqual([1, 2])
  })

  it('runs in the async context of whoever called', async () => {
    const storage = new AsyncLocalStorage<string>()
    const heard: unknown[] = []

    await storage.run('mine', async () => {
      await shared.run('count', [1], { onProgress: () => heard.push(storage.getStore()) })
    })

    expect(heard).toEqual(['mine'])
  })

  it('need not be there', async () => {
    await expect(shared.run('count', [3])).resolves.toBe('counted')
  })

  it('leaves a value that cannot be cloned to the function', async () => {
    const heard: unknown[] = []

    const result = await shared.run('tellFunction', [], {
      onProgress: (value) => heard.push(value),
    })

    expect(result).toBe('DataCloneError')
    expect(heard).toEqual([])
  })

  it('must be a function', async () => {
    const error = await errorOf(shared.run('count', [1], { onProgress: 7 as never }))

    expect(error).toBeInstanceOf(TypeError)
  })
})

describe('Task.attempt', () => {
  it('is 1 where nothing is tried again', async () => {
    await expect(shared.run('attempts', [1])).resolves.toBe(1)
  })

  it('counts the attempts after errors', async () => {
    await expect(shared.run('attempts', [3], { retries: 5 })).resolves.toBe(3)
  })

  it('counts the attempts after crashes', async () => {
    const pool = poolOf<typeof Tasks>(MODULE)

    await expect(pool.run('exitUntil', [2], { retries: 5 })).resolves.toBe(2)
  })

  it('belongs to each call of a message by itself', async () => {
    const heard: unknown[] = []
    const onProgress = (value: unknown) => heard.push(value)

    await Promise.all([
      shared.run('attempts', [1]),
      shared.run('tellAttempt', [], { retries: 2, onProgress }),
      shared.run('attempts', [1]),
    ])

    expect(heard).toEqual([1, 2, 3])
  })
})

describe('move()', () => {
  it.each(['bytes', 'bytesLater'] as const)('moves what %s returns', async (name) => {
    const result = await shared.run(name, [64])

    expect(result).toEqual(new Uint8Array(64).fill(7))
  })

  it('takes the buffer from the thread', async () => {
    const pool = poolOf<typeof Tasks>(MODULE, { maxThreads: 1 })

    await expect(pool.run('keptBuffer', [])).resolves.toHaveProperty('byteLength', 32)

    await expect(pool.run('keptSize', [])).resolves.toBe(0)
  })

  it('rejects the call that moves a buffer again, and only that', async () => {
    const pool = poolOf<typeof Tasks>(MODULE, { maxThreads: 1 })
    await pool.run('echo', [0])

    const results = await Promise.allSettled([
      pool.run('echo', [1]),
      pool.run('keptBuffer', []),
      pool.run('keptBuffer', []),
      pool.run('echo', [2]),
    ])

    expect(results).toMatchObject([
      { value: 1 },
      { value: { byteLength: 32 } },
      { reason: { name: 'DataCloneError' } },
      { value: 2 },
    ])
  })

  it('rejects a list that has a buffer twice', async () => {
    await expect(reasonOf(shared.run('twice', []))).resolves.toMatchObject({
      name: 'DataCloneError',
    })
  })

  it('moves nothing of what cannot be cloned', async () => {
    await expect(reasonOf(shared.run('moveWithFunction', []))).resolves.toMatchObject({
      name: 'DataCloneError',
    })

    await expect(shared.run('heldSize', [])).resolves.toBe(16)
  })

  it('moves beside answers that cannot be cloned', async () => {
    const results = await Promise.allSettled([
      shared.run('bytes', [8]),
      shared.run('unclonable', []),
      shared.run('bytes', [9]),
    ])

    expect(results).toMatchObject([
      { value: { byteLength: 8 } },
      { reason: { name: 'DataCloneError' } },
      { value: { byteLength: 9 } },
    ])
  })

  it('is undone where the caller runs the function', async () => {
    const pool = poolOf<typeof Tasks>(MODULE, {
      maxThreads: 1,
      queueCapacity: 0,
      whenFull: 'caller-runs',
    })
    const gate = new ThreadGate()
    const held = pool.run('tellAndHold', [gate.buffer])

    await expect(pool.run('bytes', [4])).resolves.toEqual(new Uint8Array(4).fill(7))

    gate.open()
    await held
  })
})
