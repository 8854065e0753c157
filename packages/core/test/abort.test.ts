import { getEventListeners } from 'node:events'
import { onAbort } from '@cupola/core/authoring'
import { describe, expect, it } from 'vitest'
import { uncaughtFrom } from './fixtures/uncaught.ts'
import { untyped } from '../../../test/untyped.ts'
import { warningsFrom } from './fixtures/warnings.ts'

const listenersOn = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('onAbort()', () => {
  it('leaves later listeners alone when disposed once more', () => {
    const { signal } = new AbortController()
    const old = onAbort(signal, () => {})
    old[Symbol.dispose]()

    const later = Array.from({ length: 3 }, () => {
      const listening = onAbort(signal, () => {})
      old[Symbol.dispose]()
      return listening
    })

    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const listening of later) listening[Symbol.dispose]()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it.each([new Error('enough'), 'a string', 0, null, { why: 'an object' }])(
    'calls the listener synchronously with the very reason %o',
    (reason) => {
      const controller = new AbortController()
      const heard: unknown[] = []
      onAbort(controller.signal, (because) => heard.push(because))

      controller.abort(reason)

      expect(heard).toHaveLength(1)
      expect(heard[0]).toBe(reason)
    },
  )

  it('throws the very reason of a signal that has already aborted, and does not listen', () => {
    const reason = { why: 'too late' }
    const signal = AbortSignal.abort(reason)
    const heard: unknown[] = []

    expect(() => onAbort(signal, () => heard.push(true))).toThrow(
      expect.toSatisfy((e) => e === reason),
    )

    expect(listenersOn(signal)).toBe(0)
    expect(heard).toEqual([])
  })

  it('never calls the listener without a signal', () => {
    const listening = onAbort(undefined, () => expect.unreachable())

    expect(() => listening[Symbol.dispose]()).not.toThrow()
  })

  it.each([null, 'signal', 5, {}, new AbortController()])(
    'refuses %o with a TypeError',
    (value) => {
      expect(() => onAbort(untyped(value), () => {})).toThrow(
        /^Cannot use signal: got \w+, expected an AbortSignal$/,
      )
    },
  )

  it('works with a signal that has no more than the events and the state of one', () => {
    const signal = Object.assign(new EventTarget(), { aborted: false, reason: 'polyfilled' })
    const heard: unknown[] = []
    onAbort(untyped(signal), (reason) => heard.push(reason))

    signal.dispatchEvent(new Event('abort'))

    expect(heard).toEqual(['polyfilled'])
  })

  it('calls listeners in the order they came', () => {
    const controller = new AbortController()
    const heard: string[] = []
    for (const name of ['a', 'b', 'c']) onAbort(controller.signal, () => heard.push(name))

    controller.abort()

    expect(heard).toEqual(['a', 'b', 'c'])
  })

  it('cannot be kept from hearing by a listener that stops the event', () => {
    const controller = new AbortController()
    const heard: string[] = []
    controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation())
    onAbort(controller.signal, () => heard.push('heard'))

    controller.abort()

    expect(heard).toEqual(['heard'])
  })

  it('disturbs no other listener when one throws, and the error surfaces as uncaught', async () => {
    const controller = new AbortController()
    const failure = new Error('the listener failed')
    const heard: string[] = []
    onAbort(controller.signal, () => {
      throw failure
    })
    onAbort(controller.signal, () => heard.push('second'))

    const uncaught = await uncaughtFrom(() => controller.abort())

    expect(heard).toEqual(['second'])
    expect(uncaught).toEqual([failure])
  })
})

describe('the subscription of onAbort()', () => {
  it('ends when disposed: the listener is not called and nothing is left on the signal', () => {
    const controller = new AbortController()
    const heard: unknown[] = []
    const listening = onAbort(controller.signal, (reason) => heard.push(reason))

    listening[Symbol.dispose]()

    expect(listenersOn(controller.signal)).toBe(0)
    controller.abort()
    expect(heard).toEqual([])
  })

  it('takes nobody else with it, however often it is disposed', () => {
    const controller = new AbortController()
    const heard: string[] = []
    const first = onAbort(controller.signal, () => heard.push('first'))
    onAbort(controller.signal, () => heard.push('second'))

    first[Symbol.dispose]()
    first[Symbol.dispose]()
    controller.abort()

    expect(heard).toEqual(['second'])
  })

  it('does not end a later one when it is disposed once more', () => {
    const controller = new AbortController()
    const heard: string[] = []
    const first = onAbort(controller.signal, () => heard.push('first'))
    first[Symbol.dispose]()
    onAbort(controller.signal, () => heard.push('second'))

    first[Symbol.dispose]()
    controller.abort()

    expect(heard).toEqual(['second'])
  })

  it('can be disposed by an earlier listener while the signal aborts', () => {
    const controller = new AbortController()
    const heard: string[] = []
    onAbort(controller.signal, () => second[Symbol.dispose]())
    const second = onAbort(controller.signal, () => heard.push('second'))

    controller.abort()

    expect(heard).toEqual([])
  })

  it('leaves nothing on the signal once it has aborted', () => {
    const controller = new AbortController()
    const listening = onAbort(controller.signal, () => {})

    controller.abort()
    listening[Symbol.dispose]()

    expect(listenersOn(controller.signal)).toBe(0)
  })
})

describe('a signal that many listen to', () => {
  it('carries one listener for them all', () => {
    const { signal } = new AbortController()
    const all = Array.from({ length: 100 }, () => onAbort(signal, () => {}))

    expect(listenersOn(signal)).toBe(1)

    for (const listening of all) listening[Symbol.dispose]()
    expect(listenersOn(signal)).toBe(0)
  })

  it('is not taken for a leak', async () => {
    const { signal } = new AbortController()

    const warnings = await warningsFrom(() => {
      for (let listener = 0; listener < 100; listener++) onAbort(signal, () => {})
    })

    expect(warnings).toEqual([])
  })
})
