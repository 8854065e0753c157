import { AsyncEvent } from '@cupola/sync'
import { describe, expect, it } from 'vitest'

describe('AsyncEvent', () => {
  it('is not set at first', () => {
    expect(new AsyncEvent().stats()).toEqual({ isSet: false, waiting: 0 })
  })

  it('is set and cleared as often as one likes', () => {
    const event = new AsyncEvent()

    event.set()
    event.set()
    expect(event.isSet).toBe(true)

    event.clear()
    event.clear()
    expect(event.isSet).toBe(false)
  })

  it('holds nobody up while it is set', async () => {
    const event = new AsyncEvent()
    event.set()

    await expect(event.wait({ timeout: 0 })).resolves.toBeUndefined()
  })
})
