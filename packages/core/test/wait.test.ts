import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { ClosedError, TimeoutError, type WaitOptions } from '@cupola/core'
import {
  checkWaitOptions,
  LinkedList,
  NOT_YET,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { describe, expect, it, vi } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { Gate } from './fixtures/gate.ts'
import { untyped } from '../../../test/untyped.ts'
import { warningsFrom } from './fixtures/warnings.ts'

const listenersOn = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

const notSignals = [null, 'signal', 5, {}, new EventTarget(), new AbortController()]

describe('wait(), in the order of its checks', () => {
  const aborted = { signal: AbortSignal.abort('aborted') }
  const closed = { isClosed: true }
  const open = { isOpen: true }

  it.each<[string, string, Partial<Gate>, WaitOptions, string]>([
    ['bad arguments', 'closed', closed, { timeout: -1 }, 'RangeError'],
    ['bad arguments', 'aborted', {}, { ...aborted, timeout: -1 }, 'RangeError'],
    ['bad arguments', 'the fast path', open, { timeout: -1 }, 'RangeError'],
    ['bad arguments', 'a timeout of 0', {}, { signal: untyped({}), timeout: 0 }, 'TypeError'],
    ['closed', 'aborted', closed, aborted, 'ClosedError'],
    ['closed', 'the fast path', { ...closed, ...open }, {}, 'ClosedError'],
    ['closed', 'a timeout of 0', closed, { timeout: 0 }, 'ClosedError'],
    ['aborted', 'the fast path', open, aborted, 'aborted'],
    ['aborted', 'a timeout of 0', {}, { ...aborted, timeout: 0 }, 'aborted'],
    ['the fast path', 'a timeout of 0', open, { timeout: 0 }, 'walked through'],
  ])('puts %s before %s', async (_first, _second, state, options, expected) => {
    const gate = Object.assign(new Gate(), state)

    const waiting = gate.pass(options)

    expect(gate.queue.size).toBe(0)
    expect(await nameOfOutcome(waiting)).toBe(expected)
  })

  it.each<[string, WaitOptions, string[]]>([
    ['nothing after bad arguments', { timeout: NaN }, []],
    ['nothing but the refusal after an abort', aborted, ['refusal']],
    ['for no queue with a timeout of 0', { timeout: 0 }, ['refusal', 'tryNow Ada']],
    ['for the queue last', {}, ['refusal', 'tryNow Ada', 'queueOf Ada']],
  ])('asks the waitable %s', async (_title, options, asked) => {
    const gate = new Gate()

    const waiting = gate.pass(options)
    gate.queue.first?.resolve('let in')
    await outcome(waiting)

    expect(gate.asked).toEqual(asked)
  })
})

describe('wait(), given its arguments', () => {
  it.each([undefined, {}, { signal: undefined, timeout: undefined }, { timeout: Infinity }])(
    'waits for ever with the options %o',
    async (options) => {
      const gate = new Gate()

      const waiting = gate.pass(options)
      await gate.clock.advance(1e12)

      expect([gate.queue.size, gate.clock.pending]).toEqual([1, 0])
      gate.queue.first?.resolve('let in')
      await waiting
    },
  )

  it.each([-1, -0.001, -Infinity, NaN])(
    'rejects a timeout of %d as a RangeError',
    async (timeout) => {
      await expect(new Gate().pass({ timeout })).rejects.toThrow(
        new RangeError(`Cannot use timeout: got ${timeout}, expected milliseconds from 0 up`),
      )
    },
  )

  it.each([null, '5', '', true, 5n, {}])(
    'rejects a timeout of %o as a TypeError',
    async (timeout) => {
      await expect(new Gate().pass({ timeout: untyped(timeout) })).rejects.toThrow(TypeError)
    },
  )

  it.each(notSignals)('rejects the signal %o as a TypeError', async (signal) => {
    const gate = new Gate()

    await expect(gate.pass({ signal: untyped(signal) })).rejects.toThrow(
      /^Cannot use signal: got \w+, expected an AbortSignal$/,
    )
    expect(gate.queue.size).toBe(0)
  })

  it.each([null, 500, 'options', [[500]], () => {}])(
    'rejects the options %o as a TypeError',
    async (options) => {
      await expect(new Gate().pass(untyped(options))).rejects.toThrow(
        /^Cannot use options: got \w+, expected an object$/,
      )
    },
  )

  it.each([
    undefined,
    null,
    500,
    { timeout: -1 },
    { timeout: '5' },
    { signal: null },
    { signal: AbortSignal.abort() },
  ])('never throws, whatever the options: %o', async (options) => {
    const gate = Object.assign(new Gate(), { isClosed: true })

    const waiting = gate.pass(untyped(options))

    await expect(waiting).rejects.toBeDefined()
  })

  it('waits with a signal that has no more than the events and the state of one', async () => {
    const gate = new Gate()
    const signal = Object.assign(new EventTarget(), { aborted: false, reason: 'polyfilled' })
    const waiting = gate.pass({ signal: untyped(signal) })

    signal.dispatchEvent(new Event('abort'))

    await expect(waiting).rejects.toBe('polyfilled')
  })
})

describe('wait(), when it need not wait', () => {
  it('gives what the fast path took and leaves nothing behind', async () => {
    const gate = Object.assign(new Gate(), { isOpen: true })
    const { signal } = new AbortController()

    const waiting = gate.pass({ signal, timeout: 1000 })

    expect([gate.queue.size, gate.clock.pending, listenersOn(signal)]).toEqual([0, 0, 0])
    await expect(waiting).resolves.toBe('walked through')
  })

  it('takes undefined for a result like any other', async () => {
    const queue = new LinkedList<Waiter<undefined>>()
    const source: Waitable<undefined> = {
      action: 'get',
      refusal: () => undefined,
      tryNow: () => undefined,
      queueOf: () => queue,
    }

    const waiting = wait(source, { timeout: 0 }, undefined)

    await expect(waiting).resolves.toBeUndefined()
  })
})

describe('wait(), in the queue', () => {
  it('waits behind those who came before', () => {
    const gate = new Gate()

    void gate.pass({}, 'Ada')
    void gate.pass({}, 'Bob')
    void gate.pass({}, 'Cyd')

    expect(gate.names).toEqual(['Ada', 'Bob', 'Cyd'])
  })

  it('ends with what the waiter is resolved with', async () => {
    const gate = new Gate()
    const waiting = gate.pass()

    gate.queue.first?.resolve('let in')

    await expect(waiting).resolves.toBe('let in')
  })

  it('ends with the very error that the waiter is rejected with', async () => {
    const gate = new Gate()
    const closed = new ClosedError('pass the gate', 'the gate')
    const waiting = gate.pass()

    gate.queue.first?.reject(closed)

    await expect(waiting).rejects.toBe(closed)
  })

  it('has left the queue as soon as it is resolved or rejected, before its promise tells', () => {
    const gate = new Gate()
    void gate.pass({}, 'Ada')
    gate.pass({}, 'Bob').catch(() => {})
    void gate.pass({}, 'Cyd')

    gate.queue.first?.resolve('let in')
    gate.queue.first?.reject(new Error('sent away'))

    expect(gate.names).toEqual(['Cyd'])
  })

  it('settles once: whatever comes second does nothing', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const waiting = gate.pass({ signal: controller.signal, timeout: 10 })
    const waiter = gate.queue.first

    waiter?.resolve('first')
    waiter?.resolve('second')
    waiter?.reject(new Error('third'))
    controller.abort('fourth')
    await gate.clock.advance(10)

    await expect(waiting).resolves.toBe('first')
    expect(gate.asked).not.toContain('gaveUp Ada, 0 still wait')
  })

  it('continues in the async context of whoever waits, not of whoever lets in', async () => {
    const gate = new Gate()
    const storage = new AsyncLocalStorage<string>()
    const seen = storage.run('waits', async () => {
      await gate.pass()
      return storage.getStore()
    })

    storage.run('lets in', () => gate.queue.first?.resolve('let in'))

    expect(await seen).toBe('waits')
  })
})

describe('wait(), when its signal aborts', () => {
  it.each([new Error('enough'), 'a string', 0, null, { why: 'an object' }])(
    'rejects with the very reason %o, leaving neither waiter nor listener',
    async (reason) => {
      const gate = new Gate()
      const controller = new AbortController()
      const waiting = gate.pass({ signal: controller.signal })

      controller.abort(reason)

      expect([gate.queue.size, listenersOn(controller.signal)]).toEqual([0, 0])
      await expect(waiting).rejects.toBe(reason)
    },
  )

  it('rejects with the very reason if it aborted before, and listens to nothing', async () => {
    const gate = new Gate()
    const reason = { why: 'too late' }
    const signal = AbortSignal.abort(reason)

    await expect(gate.pass({ signal, timeout: 10 })).rejects.toBe(reason)

    expect([gate.queue.size, gate.clock.pending, listenersOn(signal)]).toEqual([0, 0, 0])
  })

  it('rejects with the AbortError of the platform if no reason was given', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const waiting = gate.pass({ signal: controller.signal })

    controller.abort()

    await expect(waiting).rejects.toBe(controller.signal.reason)
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('does nothing any more once it was resolved, even before its promise tells', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const waiting = gate.pass({ signal: controller.signal })

    gate.queue.first?.resolve('let in')
    expect(listenersOn(controller.signal)).toBe(0)
    controller.abort('too late')

    await expect(waiting).resolves.toBe('let in')
  })

  it('leaves from the middle of the queue without disturbing the others', () => {
    const gate = new Gate()
    const controller = new AbortController()
    void gate.pass({}, 'Ada')
    gate.pass({ signal: controller.signal }, 'Bob').catch(() => {})
    void gate.pass({}, 'Cyd')

    controller.abort()

    expect(gate.names).toEqual(['Ada', 'Cyd'])
  })

  it('rejects if it aborts during the fast path, and gives up its place', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    gate.onTry = () => controller.abort('meddled')

    const waiting = gate.pass({ signal: controller.signal, timeout: 10 })

    await expect(waiting).rejects.toBe('meddled')
    expect([gate.queue.size, gate.clock.pending]).toEqual([0, 0])
    expect(gate.asked).toContain('gaveUp Ada, 0 still wait')
  })
})

describe('wait(), when its timeout passes', () => {
  it.each([{}, { timeout: Infinity }])('never does with %o, and sets no timer', async (options) => {
    const gate = new Gate()
    const setTimer = vi.spyOn(gate.clock, 'setTimer')

    void gate.pass(options)

    expect(setTimer).not.toHaveBeenCalled()
  })

  it('rejects with a TimeoutError that tells the action and the limit', async () => {
    const gate = new Gate()
    const waiting = outcome(gate.pass({ timeout: 250 }))

    await gate.clock.advance(250)

    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ timeout: 250, message: 'Cannot pass the gate: waited 250 ms' })
  })

  it.each([0.5, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 40])('waits %d ms, no less', async (timeout) => {
    const gate = new Gate()
    const waiting = outcome(gate.pass({ timeout }))

    await gate.clock.advance(timeout - 0.25)
    expect(gate.queue.size).toBe(1)
    await gate.clock.advance(0.25)

    expect(gate.queue.size).toBe(0)
    expect(await waiting).toMatchObject({ timeout })
  })

  it.each([0, -0])('rejects at once if it is %d and there is nothing to take', async (timeout) => {
    const gate = new Gate()

    const waiting = gate.pass({ timeout })

    expect([gate.queue.size, gate.clock.pending]).toEqual([0, 0])
    await expect(waiting).rejects.toThrow(new TimeoutError('pass the gate', 0))
  })

  it('has left the queue, so that a later release goes to somebody else', async () => {
    const gate = new Gate()
    const late = outcome(gate.pass({ timeout: 10 }, 'Ada'))
    const patient = gate.pass({}, 'Bob')

    await gate.clock.advance(10)
    gate.queue.first?.resolve('let in')

    expect(await late).toBeInstanceOf(TimeoutError)
    await expect(patient).resolves.toBe('let in')
  })

  it('counts by the system clock unless the waitable has its own', async () => {
    const queue = new LinkedList<Waiter<string>>()
    const gate: Waitable<string> = {
      action: 'pass',
      refusal: () => undefined,
      tryNow: () => NOT_YET,
      queueOf: () => queue,
    }

    const waiting = wait(gate, { timeout: 1 }, undefined)

    await expect(waiting).rejects.toThrow('Cannot pass: waited 1 ms')
    expect(queue.size).toBe(0)
  })
})

describe('wait(), where nothing could end it', () => {
  it('rejects with what the clock throws, and leaves nothing', async () => {
    const gate = new Gate()
    const { signal } = new AbortController()
    const broken = new Error('out of timers')
    vi.spyOn(gate.clock, 'setTimer').mockImplementation(() => {
      throw broken
    })

    const waiting = outcome(gate.pass({ signal, timeout: 10 }))

    expect([gate.queue.size, listenersOn(signal)]).toEqual([0, 0])
    expect(gate.asked.at(-1)).toBe('gaveUp Ada, 0 still wait')
    expect(await waiting).toBe(broken)
  })

  it('rejects with what the signal throws, and sets no timer', async () => {
    const gate = new Gate()
    const broken = new Error('deaf')
    const signal = Object.assign(new EventTarget(), {
      aborted: false,
      addEventListener() {
        throw broken
      },
    })

    const waiting = outcome(gate.pass({ signal: untyped(signal), timeout: 10 }))

    expect([gate.queue.size, gate.clock.pending]).toEqual([0, 0])
    expect(await waiting).toBe(broken)
  })
})

describe('wait(), however it ends', () => {
  it.each<[string, (gate: Gate, controller: AbortController) => unknown]>([
    ['resolved', (gate) => gate.queue.first?.resolve('let in')],
    ['rejected', (gate) => gate.queue.first?.reject(new Error('sent away'))],
    ['aborted', (_gate, controller) => controller.abort()],
    ['timed out', (gate) => gate.clock.advance(10)],
  ])('has no timer, listener or place in the queue left: %s', async (_how, end) => {
    const gate = new Gate()
    const controller = new AbortController()
    const waiting = outcome(gate.pass({ signal: controller.signal, timeout: 10 }))
    const held = [gate.queue.size, gate.clock.pending, listenersOn(controller.signal)]

    await end(gate, controller)
    await waiting

    expect(held).toEqual([1, 1, 1])
    expect([gate.queue.size, gate.clock.pending, listenersOn(controller.signal)]).toEqual([0, 0, 0])
  })

  it.each<[string, (gate: Gate, controller: AbortController) => unknown, string[]]>([
    ['after an abort', (_gate, controller) => controller.abort(), ['gaveUp Ada, 1 still wait']],
    ['after a timeout', (gate) => gate.clock.advance(10), ['gaveUp Ada, 1 still wait']],
    ['never when resolved', (gate) => gate.queue.first?.resolve('let in'), []],
    ['never when rejected', (gate) => gate.queue.first?.reject(new Error('sent away')), []],
  ])('tells the waitable of a waiter that gave up and has left: %s', async (_when, end, told) => {
    const gate = new Gate()
    const controller = new AbortController()
    const waiting = outcome(gate.pass({ signal: controller.signal, timeout: 10 }, 'Ada'))
    void gate.pass({}, 'Bob')

    await end(gate, controller)
    await waiting

    expect(gate.asked.filter((entry) => entry.startsWith('gaveUp'))).toEqual(told)
  })

  it('lets the process end: a wait that is over holds no timer', async () => {
    const program = new URL('fixtures/wait-program.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout: 'let in', stderr: '' })
  })
})

describe('many waits on one signal', () => {
  it('put one listener on it, are taken for no leak, and end together', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const waits: Promise<unknown>[] = []

    const warnings = await warningsFrom(() => {
      while (waits.length < 100) waits.push(outcome(gate.pass(controller)))
    })
    const listeners = listenersOn(controller.signal)
    controller.abort('enough')

    expect({ warnings, listeners }).toEqual({ warnings: [], listeners: 1 })
    expect([gate.queue.size, listenersOn(controller.signal)]).toEqual([0, 0])
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['enough']))
  })
})

describe('checkWaitOptions()', () => {
  it.each([undefined, {}, { timeout: 0 }, { timeout: Infinity }, new AbortController()])(
    'allows %o',
    (options) => {
      expect(() => checkWaitOptions(options)).not.toThrow()
    },
  )

  it.each([null, 500, 'options', [[500]], { timeout: '5' }, { timeout: null }, { signal: null }])(
    'refuses %o with a TypeError',
    (options) => {
      expect(() => checkWaitOptions(untyped(options))).toThrow(TypeError)
    },
  )

  it.each([-1, NaN])('refuses a timeout of %d with a RangeError', (timeout) => {
    expect(() => checkWaitOptions({ timeout })).toThrow(RangeError)
  })

  it('allows a signal that has aborted: that is for the wait to tell', () => {
    expect(() => checkWaitOptions({ signal: AbortSignal.abort() })).not.toThrow()
  })
})

/** The result of a wait, or what it was rejected with. Keeps a rejection from being unhandled. */
function outcome(waiting: Promise<string>): Promise<unknown> {
  return waiting.catch((reason: unknown) => reason)
}

async function nameOfOutcome(waiting: Promise<string>): Promise<unknown> {
  const result = await outcome(waiting)
  return result instanceof Error ? result.name : result
}

describe('Waiter.rejectIfAborted()', () => {
  it('leaves alone whoever has no signal, or one that has not aborted', async () => {
    const gate = new Gate()
    const { signal } = new AbortController()
    const waits = [gate.pass(), gate.pass({ signal })]

    expect([...gate.queue].map((waiter) => waiter.rejectIfAborted())).toEqual([false, false])
    while (gate.queue.first !== undefined) gate.queue.first.resolve('let in')
    expect(await Promise.all(waits)).toEqual(['let in', 'let in'])
  })

  it('ends the wait of one whose signal has aborted and not told it yet', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const seen: (boolean | undefined)[] = []
    controller.signal.addEventListener('abort', () => {
      seen.push(gate.queue.first?.rejectIfAborted())
    })
    const waiting = outcome(gate.pass(controller))

    controller.abort('aborted')

    expect(seen).toEqual([true])
    expect([gate.queue.size, listenersOn(controller.signal)]).toEqual([0, 1])
    expect(gate.asked).not.toContain('gaveUp Ada, 0 still wait')
    await waiting
  })
})

describe('Waitable.givingUp()', () => {
  it('resolves a waiter for whom it is too late to give up', async () => {
    const queue = new LinkedList<Waiter<string>>()
    const controller = new AbortController()
    const reasons: unknown[] = []
    const waiting = wait<string, undefined>(
      {
        action: 'pass',
        refusal: () => undefined,
        tryNow: () => NOT_YET,
        queueOf: () => queue,
        givingUp: (waiter, reason) => {
          reasons.push(reason)
          waiter.resolve('let in')
        },
      },
      { signal: controller.signal },
      undefined,
    )

    controller.abort('enough')

    await expect(waiting).resolves.toBe('let in')
    expect(queue.size).toBe(0)
    expect(reasons).toEqual(['enough'])
  })
})
