import { Mutex } from '@cupola/sync'
import { describe, expect, it } from 'vitest'

describe('Mutex', () => {
  it('is held by one at a time', async () => {
    const mutex = new Mutex()
    let inside = 0
    let most = 0
    const visit = () =>
      mutex.run(async () => {
        most = Math.max(most, ++inside)
        await Promise.resolve()
        inside--
      })

    await Promise.all(Array.from({ length: 10 }, visit))

    expect(most).toBe(1)
  })

  it('is never free between one holder and the next', async () => {
    const mutex = new Mutex()
    const first = mutex.tryAcquire()
    const second = mutex.acquire()

    first?.release()

    expect(mutex.locked).toBe(true)
    expect(mutex.tryAcquire()).toBeUndefined()
    const guard = await second
    guard.release()
    expect(mutex.locked).toBe(false)
  })

  it('is not taken from the next holder by a guard that is released twice', async () => {
    const mutex = new Mutex()
    const first = mutex.tryAcquire()
    const second = mutex.acquire()

    first?.release()
    await second
    first?.release()
    first?.[Symbol.dispose]()

    expect(mutex.locked).toBe(true)
  })

  it('is released when the function that runs with it fails', async () => {
    const mutex = new Mutex()

    await expect(mutex.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')

    expect(mutex.stats()).toEqual({ locked: false, waiting: 0 })
  })

  it('gives the guard to the function that runs with it', async () => {
    const mutex = new Mutex()

    expect(await mutex.run((guard) => guard.mutex === mutex)).toBe(true)
  })

  it('rejects what is no function', async () => {
    await expect(new Mutex().run(undefined as never)).rejects.toBeInstanceOf(TypeError)
  })
})
