import { VirtualClock } from '@cupola/core/testing'
import { UuidV7 } from '@cupola/ids'
import { describe, expect, it } from 'vitest'

describe('more UUIDs in a millisecond than its counter holds', () => {
  it('get greater, with the time of the next millisecond', () => {
    const clock = new VirtualClock({ wall: 1000 })
    const uuids = new UuidV7({ clock })
    let last = ''
    let ascending = true

    for (let made = 0; made <= 2 ** 26; made++) {
      const text = uuids.next()
      ascending &&= text > last
      last = text
    }

    expect(ascending).toBe(true)
    expect([1001, 1002]).toContain(UuidV7.parse(last).timestamp)
  })
})
