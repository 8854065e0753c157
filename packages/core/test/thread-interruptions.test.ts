import { onThreadInterrupted } from '@cupola/core/authoring'
import { afterEach, describe, expect, it, vi } from 'vitest'

const HOST = Symbol.for('@cupola/interruptible-worker/host')

afterEach(() => void Reflect.deleteProperty(globalThis, HOST))

describe('onThreadInterrupted()', () => {
  it('is not to be had where no interruptible worker runs', () => {
    expect(onThreadInterrupted(() => {})).toBeUndefined()
  })

  it('listens as often as it was called, each until disposed', () => {
    const interruptedListeners = new Set<() => unknown>()
    Reflect.set(globalThis, HOST, { interruptedListeners })
    const listener = vi.fn<() => void>()
    const first = onThreadInterrupted(listener)
    onThreadInterrupted(listener)

    for (const heard of interruptedListeners) heard()
    expect(listener).toHaveBeenCalledTimes(2)
    first?.[Symbol.dispose]()
    first?.[Symbol.dispose]()
    expect(interruptedListeners.size).toBe(1)
  })
})
