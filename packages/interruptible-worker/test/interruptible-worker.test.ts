import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { VirtualClock } from '@cupola/core/testing'
import { InterruptibleWorker } from '@cupola/interruptible-worker'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { textModule } from '../../../test/text-module.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textWorker, workWorker } from './fixtures/workers.ts'

const AT_ONCE = { checkpointMs: 0, executionMs: 10_000 }

describe('InterruptibleWorker.run()', () => {
  it('calls functions one after the other, in the order they were made', async () => {
    const worker = workWorker()

    const results = [
      worker.run('addLater', [1, 2]),
      worker.run('increase', []),
      worker.run('add', [3, 4]),
    ]

    expect(worker.stats()).toMatchObject({ queued: 3, running: 0 })
    await expect(Promise.all(results)).resolves.toEqual([3, 1, 7])
    expect(worker.stats()).toMatchObject({ completed: 3, started: 1, queued: 0, running: 0 })
  })

  it('runs in the thread that it names', async () => {
    const worker = workWorker()

    await expect(worker.run('whichThread', [])).resolves.toBe(worker.threadId)
  })

  it('rejects with what the function throws', async () => {
    const worker = workWorker()

    const reason = await reasonOf(worker.run('fail', ['on purpose']))

    expect(reason).toBeInstanceOf(RangeError)
    expect(reason).toHaveProperty('message', 'on purpose')
  })

  it('moves what is to be moved', async () => {
    const worker = workWorker()
    const bytes = new ArrayBuffer(8)

    const size = await worker.run('size', [bytes], { transfer: [bytes] })

    expect([size, bytes.byteLength]).toEqual([8, 0])
  })

  it('goes on after arguments that cannot be cloned', async () => {
    const worker = workWorker()

    const reason = reasonOf(worker.run('add', [(() => {}) as never, 1]))
    const behind = worker.run('add', [1, 1])

    await expect(reason).resolves.toHaveProperty('name', 'DataCloneError')
    await expect(behind).resolves.toBe(2)
  })

  it.each([
    { what: 'a name that is none', args: [7, []], name: 'TypeError' },
    { what: 'arguments that are no array', args: ['add', 7], name: 'TypeError' },
    { what: 'a signal that is none', args: ['add', [], { signal: 7 }], name: 'TypeError' },
    { what: 'a timeout below 0', args: ['add', [], { timeout: -1 }], name: 'RangeError' },
    { what: 'a transfer that is no array', args: ['add', [], { transfer: 7 }], name: 'TypeError' },
    { what: 'no time at all', args: ['add', [1, 2], { timeout: 0 }], name: 'TimeoutError' },
    { what: 'an unknown function', args: ['subtract', []], name: 'TypeError' },
  ])('rejects $what', async ({ args, name }) => {
    const worker = workWorker()

    const reason = await reasonOf(Reflect.apply(worker.run, worker, args))

    expect(reason).toHaveProperty('name', name)
  })

  it('drops a call that waits when its signal aborts', async () => {
    const worker = workWorker()
    const controller = new AbortController()
    const gate = new ThreadGate()
    const held = worker.run('hold', [gate.buffer])
    const call = reasonOf(worker.run('increase', [], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    controller.abort('gave up')

    await expect(call).resolves.toBe('gave up')
    gate.open()
    await held
    await expect(worker.run('increase', [])).resolves.toBe(1)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('ends a running call when its signal aborts, and rejects before that has worked', async () => {
    const worker = workWorker({ interruption: AT_ONCE })
    const controller = new AbortController()
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer], { signal: controller.signal }))
    const behind = worker.run('increase', [])
    await until(() => gate.entered === 1)

    controller.abort('gave up')

    await expect(call).resolves.toBe('gave up')
    expect(worker.stats()).toMatchObject({ running: 1, queued: 1, cancelled: 1 })
    await expect(behind).resolves.toBe(1)
    expect(worker.stats().interrupted.execution).toBe(1)
  })

  it('counts its timeout from when the call begins', async () => {
    const clock = new VirtualClock()
    const worker = workWorker({ clock, interruption: AT_ONCE })
    const gate = new ThreadGate()
    const held = worker.run('hold', [gate.buffer])
    const call = reasonOf(worker.run('awaitForEver', [new SharedArrayBuffer(8)], { timeout: 100 }))
    await until(() => gate.entered === 1)
    await clock.advance(1000)
    gate.open()
    await held

    await until(() => clock.pending === 1)
    await clock.advance(100)

    await expect(call).resolves.toHaveProperty('code', 'ERR_TIMEOUT')
  })

  it('leaves the AsyncLocalStorage of the caller as it is', async () => {
    const worker = workWorker()
    const storage = new AsyncLocalStorage<string>()

    const seen = storage.run('mine', async () => {
      await worker.run('add', [1, 2])
      return storage.getStore()
    })

    await expect(seen).resolves.toBe('mine')
  })
})

describe('InterruptibleWorker.interrupt()', () => {
  it('is idle when nothing runs', async () => {
    const worker = workWorker()

    await expect(worker.interrupt()).resolves.toEqual({ stage: 'idle', survived: true, tookMs: 0 })
  })

  it('drops the call that is next if none has begun, and no other', async () => {
    const worker = workWorker()
    const next = reasonOf(worker.run('increase', []))
    const behind = worker.run('increase', [])

    const { stage } = await worker.interrupt('why')

    expect(stage).toBe('idle')
    await expect(next).resolves.toMatchObject({
      code: 'ERR_INTERRUPTED',
      stage: 'queued',
      cause: 'why',
    })
    await expect(behind).resolves.toBe(1)
  })

  it('joins an interruption that is going on', async () => {
    const worker = workWorker({ interruption: AT_ONCE })
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer]))
    await until(() => gate.entered === 1)

    const [first, second] = await Promise.all([
      worker.interrupt('first'),
      worker.interrupt('second'),
    ])

    expect(second).toBe(first)
    await expect(call).resolves.toHaveProperty('cause', 'first')
    expect(worker.stats().interrupted.execution).toBe(1)
  })

  it('replaces the thread if it is told to', async () => {
    const worker = workWorker({ interruption: AT_ONCE })
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer]))
    const behind = worker.run('increase', [])
    await until(() => gate.entered === 1)

    const outcome = await worker.interrupt('why', { replaceThread: true })

    expect(outcome).toMatchObject({ stage: 'thread', survived: false })
    await expect(call).resolves.toHaveProperty('stage', 'thread')
    await expect(behind).resolves.toBe(1)
    expect(worker.stats().started).toBe(2)
  })

  it.each([
    { options: { signalMs: -1 }, name: 'RangeError' },
    { options: { threadMs: 'soon' }, name: 'TypeError' },
    { options: 7, name: 'TypeError' },
  ])('rejects $options', async ({ options, name }) => {
    const worker = workWorker()

    await expect(reasonOf(worker.interrupt('why', options as never))).resolves.toHaveProperty(
      'name',
      name,
    )
  })
})

describe('a thread that dies', () => {
  it('rests before it starts another thread when one dies before its call, and stops at the third', async () => {
    const clock = new VirtualClock()
    const dying = 'process.nextTick(() => process.exit(3)); export function work() {}'
    const worker = textWorker(dying, { clock })
    await until(() => worker.stats().crashed === 1)
    const failed = reasonOf(worker.run('work', []))

    await clock.advance(99)
    expect(worker.stats().started).toBe(1)
    await clock.advance(1)
    await until(() => worker.stats().crashed === 2)
    await clock.advance(199)
    expect(worker.stats().started).toBe(2)
    await clock.advance(1)

    await expect(failed).resolves.toMatchObject({
      code: 'ERR_BROKEN',
      message: expect.stringContaining('its threads end before they begin a call'),
    })
    expect(worker.stats()).toMatchObject({ started: 3, crashed: 3 })
  })

  it('rejects its call; the calls behind run on another', async () => {
    const worker = workWorker()
    const reason = reasonOf(worker.run('exit', [3]))
    const behind = worker.run('increase', [])

    await expect(reason).resolves.toHaveProperty('code', 'ERR_BROKEN')
    await expect(behind).resolves.toBe(1)
    expect(worker.stats()).toMatchObject({ crashed: 1, started: 2, failed: 1 })
  })

  it('is not replaced before there is a call', async () => {
    const worker = workWorker()

    await reasonOf(worker.run('exit', [3]))

    expect(worker.threadId).toBe(-1)
    expect(worker.stats().started).toBe(1)
    await expect(worker.run('add', [1, 2])).resolves.toBe(3)
  })

  it('is not replaced for ever if its module does not load', async () => {
    const worker = textWorker('throw new RangeError("no")')

    const [first, second] = await Promise.all([
      reasonOf(worker.run('work', [])),
      reasonOf(worker.run('work', [])),
    ])

    expect(first).toMatchObject({ code: 'ERR_BROKEN', cause: { message: 'no' } })
    expect(second).toHaveProperty('code', 'ERR_BROKEN')
    await expect(reasonOf(worker.run('work', []))).resolves.toHaveProperty('code', 'ERR_BROKEN')
    expect(worker.stats().started).toBe(1)
  })

  it('is not replaced for ever if none begins a call', async () => {
    const worker = textWorker('setImmediate(() => process.exit(1)); export const work = () => 1')

    const outcomes: unknown[] = []
    while (worker.stats().started < 3) {
      outcomes.push(await worker.run('work', []).catch((error: unknown) => error))
      await until(() => worker.threadId === -1)
    }

    expect(outcomes.length).toBeLessThan(50)
  })
})

describe('InterruptibleWorker.restart()', () => {
  it('replaces a thread that is busy; what waits runs on the new one', async () => {
    const worker = workWorker()
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer]))
    const behind = worker.run('increase', [])
    await until(() => gate.entered === 1)

    await worker.restart()

    await expect(call).resolves.toMatchObject({ code: 'ERR_INTERRUPTED', stage: 'thread' })
    await expect(behind).resolves.toBe(1)
    expect(worker.stats()).toMatchObject({ started: 2, crashed: 0 })
  })

  it('brings a terminated worker back', async () => {
    const worker = workWorker()
    await worker.terminate()

    await worker.restart()

    expect(worker.closed).toBe(false)
    await expect(worker.run('increase', [])).resolves.toBe(1)
  })

  it('rejects if the module does not load', async () => {
    const worker = textWorker('throw new RangeError("no")')

    await expect(reasonOf(worker.restart())).resolves.toHaveProperty('code', 'ERR_BROKEN')
  })

  it('rejects when the worker is closed', async () => {
    const worker = workWorker()
    await worker.close()

    await expect(reasonOf(worker.restart())).resolves.toHaveProperty('code', 'ERR_CLOSED')
  })
})

describe('InterruptibleWorker.close()', () => {
  it('finishes what was accepted, and leaves no thread', async () => {
    const worker = workWorker()
    const results = [worker.run('addLater', [1, 2]), worker.run('add', [3, 4])]

    await worker.close()

    await expect(Promise.all(results)).resolves.toEqual([3, 7])
    expect(liveThreads()).toBe(0)
    await expect(reasonOf(worker.run('add', [1, 2]))).resolves.toHaveProperty('code', 'ERR_CLOSED')
    expect(worker.close()).toBe(worker[Symbol.asyncDispose]())
  })

  it('waits for a running call; tryClose tells that it does', async () => {
    const worker = workWorker()
    const gate = new ThreadGate()
    const held = worker.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await expect(worker.tryClose({ timeout: 1 })).resolves.toBe(false)
    await expect(stateOf(worker.close())).resolves.toBe('pending')
    gate.open()

    await expect(worker.tryClose()).resolves.toBe(true)
    await expect(held).resolves.toBe('held')
  })
})

describe('InterruptibleWorker.on()', () => {
  it('tells of threads and of interrupts', async () => {
    const worker = workWorker({ interruption: AT_ONCE })
    const told: unknown[] = []
    const first = worker.threadId
    worker.on('threadStart', ({ threadId }) => told.push(['start', threadId === first]))
    worker.on('interrupt', ({ name, stage }) => told.push([name, stage]))
    worker.on('threadExit', ({ error }) => told.push(['exit', error]))
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer]))
    await until(() => gate.entered === 1)

    await worker.interrupt()
    await call
    await worker.close()

    expect(told).toEqual([
      ['start', true],
      ['spin', 'execution'],
      ['exit', undefined],
    ])
  })
})

describe('new InterruptibleWorker()', () => {
  it.each([
    { what: 'a module that is neither URL nor path', args: [7] },
    { what: 'options that are no object', args: [textModule(''), 7] },
    { what: 'error classes that are none', args: [textModule(''), { errorClasses: [7] }] },
    { what: 'options of the thread that are none', args: [textModule(''), { workerOptions: 7 }] },
  ])('throws a TypeError for $what', ({ args }) => {
    expect(() => Reflect.construct(InterruptibleWorker, args)).toThrow(TypeError)
  })
})
