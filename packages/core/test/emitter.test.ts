import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { Emitter } from '@cupola/core/authoring'
import { describe, expect, it } from 'vitest'
import { uncaughtFrom } from './fixtures/uncaught.ts'
import { untyped } from '../../../test/untyped.ts'

interface DoorEvents {
  readonly opened: { readonly by: string }
  readonly closed: undefined
}

const byAda = { by: 'Ada' }

describe('Emitter.emit()', () => {
  it('calls the listeners of that name, synchronously, with the very payload', () => {
    const door = new Emitter<DoorEvents>()
    const heard: unknown[] = []
    door.on('opened', (event) => heard.push(event))
    door.on('closed', () => heard.push('closed'))

    door.emit('opened', byAda)

    expect(heard).toHaveLength(1)
    expect(heard[0]).toBe(byAda)
  })

  it('calls listeners in the order of subscription', () => {
    const door = new Emitter<DoorEvents>()
    const heard: string[] = []
    for (const name of ['a', 'b', 'c']) door.on('opened', () => heard.push(name))

    door.emit('opened', byAda)

    expect(heard).toEqual(['a', 'b', 'c'])
  })

  it('does nothing when nobody listens', () => {
    const door = new Emitter<DoorEvents>()

    expect(() => door.emit('opened', byAda)).not.toThrow()
  })

  it('disturbs nobody when listeners throw, and each error surfaces as uncaught', async () => {
    const door = new Emitter<DoorEvents>()
    const failures = [new Error('first'), 'a string', undefined]
    const heard: string[] = []
    for (const failure of failures) {
      door.on('opened', () => {
        throw failure
      })
    }
    door.on('opened', ({ by }) => heard.push(by))

    const uncaught = await uncaughtFrom(() => door.emit('opened', byAda))

    expect(heard).toEqual(['Ada'])
    expect(uncaught).toEqual(failures)
  })

  it('calls a listener that was removed meanwhile no more', () => {
    const door = new Emitter<DoorEvents>()
    const heard: string[] = []
    door.on('opened', () => second[Symbol.dispose]())
    const second = door.on('opened', () => heard.push('second'))
    door.on('opened', () => heard.push('third'))

    door.emit('opened', byAda)

    expect(heard).toEqual(['third'])
  })

  it('calls a listener that was added meanwhile from the next event on', () => {
    const door = new Emitter<DoorEvents>()
    const heard: string[] = []
    const first = door.on('opened', () => {
      first[Symbol.dispose]()
      door.on('opened', ({ by }) => heard.push(by))
    })

    door.emit('opened', byAda)
    door.emit('opened', { by: 'Bob' })

    expect(heard).toEqual(['Bob'])
  })

  it('may be called by a listener', () => {
    const door = new Emitter<DoorEvents>()
    const heard: string[] = []
    door.on('opened', () => door.emit('closed', undefined))
    door.on('closed', () => heard.push('closed'))
    door.on('opened', () => heard.push('opened'))

    door.emit('opened', byAda)

    expect(heard).toEqual(['closed', 'opened'])
  })

  it('calls listeners in the async context of whoever emits', () => {
    const door = new Emitter<DoorEvents>()
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    storage.run('listens', () => door.on('closed', () => seen.push(storage.getStore())))

    storage.run('emits', () => door.emit('closed', undefined))

    expect(seen).toEqual(['emits'])
  })

  it.each(['constructor', '__proto__', 'toString'])('knows no event %s by itself', (name) => {
    const emitter = new Emitter<Record<string, number>>()
    const heard: number[] = []

    expect(emitter.has(name)).toBe(false)
    expect(() => emitter.emit(name, 1)).not.toThrow()
    emitter.on(name, (number) => heard.push(number))
    emitter.emit(name, 2)

    expect(heard).toEqual([2])
  })
})

describe('Emitter.on()', () => {
  it('calls a listener twice that was added twice, and removes one of the two', () => {
    const door = new Emitter<DoorEvents>()
    const heard: string[] = []
    const listener = ({ by }: { by: string }): void => void heard.push(by)
    const first = door.on('opened', listener)
    door.on('opened', listener)

    door.emit('opened', byAda)
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    door.emit('opened', { by: 'Bob' })

    expect(heard).toEqual(['Ada', 'Ada', 'Bob'])
  })

  it('listens until its signal aborts', () => {
    const door = new Emitter<DoorEvents>()
    const controller = new AbortController()
    const heard: string[] = []
    door.on('opened', ({ by }) => heard.push(by), { signal: controller.signal })

    door.emit('opened', byAda)
    controller.abort()
    door.emit('opened', { by: 'Bob' })

    expect(heard).toEqual(['Ada'])
    expect(door.has('opened')).toBe(false)
  })

  it('leaves nothing on its signal when disposed', () => {
    const door = new Emitter<DoorEvents>()
    const { signal } = new AbortController()

    door.on('opened', () => {}, { signal })[Symbol.dispose]()

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('throws the reason of a signal that has already aborted, and does not listen', () => {
    const door = new Emitter<DoorEvents>()
    const signal = AbortSignal.abort(new Error('gone'))

    expect(() => door.on('opened', () => {}, { signal })).toThrow('gone')

    expect(door.has('opened')).toBe(false)
  })

  it('listens without a signal when that is undefined', () => {
    const door = new Emitter<DoorEvents>()

    door.on('opened', () => {}, { signal: undefined })

    expect(door.has('opened')).toBe(true)
  })

  it.each([undefined, null, 'listener', {}])(
    'refuses the listener %o with a TypeError',
    (value) => {
      const door = new Emitter<DoorEvents>()

      expect(() => door.on('opened', untyped(value))).toThrow(TypeError)

      expect(door.has('opened')).toBe(false)
    },
  )

  it.each([null, 5, []])('refuses the options %o with a TypeError', (options) => {
    const door = new Emitter<DoorEvents>()

    // @ts-expect-error -- a caller without a compiler
    expect(() => door.on('opened', () => {}, options)).toThrow('Cannot use options')
  })

  it.each([null, 'signal', {}])('refuses the signal %o with a TypeError', (value) => {
    const door = new Emitter<DoorEvents>()

    expect(() => door.on('opened', () => {}, { signal: untyped(value) })).toThrow(
      /^Cannot use signal: got \w+, expected an AbortSignal$/,
    )

    expect(door.has('opened')).toBe(false)
  })
})

describe('Emitter.has()', () => {
  it('tells whether anybody listens to that event', () => {
    const door = new Emitter<DoorEvents>()
    const before = door.has('opened')
    const listening = door.on('opened', () => {})
    const during = [door.has('opened'), door.has('closed')]
    listening[Symbol.dispose]()

    expect([before, ...during, door.has('opened')]).toEqual([false, true, false, false])
  })
})
