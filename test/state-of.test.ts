import { describe, expect, it } from 'vitest'
import { stateOf } from './state-of.ts'

describe('stateOf()', () => {
  it('tells a promise that waits from one that is settled', async () => {
    const waiting = new Promise(() => {})

    expect(await stateOf(waiting)).toBe('pending')
    expect(await stateOf(Promise.resolve())).toBe('fulfilled')
    expect(await stateOf(Promise.reject(new Error('no')))).toBe('rejected')
  })

  it('sees what many microtasks lead to', async () => {
    let promise = Promise.resolve()

    for (let step = 0; step < 1000; step++) promise = promise.then(() => {})

    expect(await stateOf(promise)).toBe('fulfilled')
  })
})
