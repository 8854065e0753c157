import { Deferred } from '@cupola/core/authoring'
import { describe, expect, it } from 'vitest'

describe('Deferred', () => {
  it('fulfils its promise by resolve()', async () => {
    const deferred = new Deferred<number>()

    deferred.resolve(7)

    await expect(deferred.promise).resolves.toBe(7)
  })

  it('rejects its promise by reject(), with the very same reason', async () => {
    const deferred = new Deferred<number>()
    const reason = { why: 'no number left' }

    deferred.reject(reason)

    await expect(deferred.promise).rejects.toBe(reason)
  })

  it('follows a promise that it is resolved with', async () => {
    const deferred = new Deferred<number>()

    deferred.resolve(Promise.reject(new Error('the other one failed')))

    await expect(deferred.promise).rejects.toThrow('the other one failed')
  })

  it('lets the first call win', async () => {
    const deferred = new Deferred<string>()

    deferred.resolve('first')
    deferred.resolve('second')
    deferred.reject(new Error('third'))

    await expect(deferred.promise).resolves.toBe('first')
  })

  it('hands out handles that work on their own', async () => {
    const { promise, resolve } = new Deferred<string>()

    resolve('without its object')

    await expect(promise).resolves.toBe('without its object')
  })
})
