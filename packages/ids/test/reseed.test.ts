// A copy of a machine has the same memory and, for a moment, the same time; then its kernel draws other
// bytes. Two generators that draw the same bytes up to a moment are as two such copies.
import { systemClock } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import {
  CachedIds,
  type FillRandom,
  parseUniqueName,
  RandomStrings,
  reseed,
  uniqueName,
  UniqueNames,
  UuidV7,
  uuidv7,
} from '@cupola/ids'
import { describe, expect, it, vi } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { CopiedRandom } from './fixtures/clones.ts'

const clock = new VirtualClock({ wall: 1_800_000_000_000 })

const makers: Record<string, (fillRandom: FillRandom) => () => string> = {
  UniqueNames: (fillRandom) => {
    const names = new UniqueNames({ host: 'same', pid: () => 1, fillRandom })
    return () => names.next()
  },
  UuidV7: (fillRandom) => {
    const uuids = new UuidV7({ clock, fillRandom })
    return () => uuids.next()
  },
  'UuidV7 as bytes': (fillRandom) => {
    const uuids = new UuidV7({ clock, fillRandom })
    return () => Buffer.from(uuids.bytes()).toString('hex')
  },
  RandomStrings: (fillRandom) => {
    const strings = new RandomStrings({ fillRandom })
    return () => strings.next(12)
  },
  'CachedIds of UuidV7': (fillRandom) => {
    const uuids = new UuidV7({ clock, fillRandom })
    const cached = new CachedIds(() => uuids.next())
    cached.fill()
    return () => cached.next()
  },
}

/** What two copies make after they parted, when both have made something before. */
function copies(make: (fillRandom: FillRandom) => () => string, afterParting: () => void) {
  const randoms = [new CopiedRandom('machine'), new CopiedRandom('machine')]
  const [one, other] = randoms.map((random) => make(random.draw))
  if (one === undefined || other === undefined) throw new Error('There are two')
  expect(take(one, 10)).toEqual(take(other, 10))
  randoms.forEach((random, index) => random.part(`copy ${index}`))
  afterParting()
  return { one: take(one, 2000), other: take(other, 2000) }
}

function take(next: () => string, count: number): string[] {
  return Array.from({ length: count }, next)
}

describe.each(Object.entries(makers))('two copies of %s', (_, make) => {
  it('give no id that the other gives, after a reseed', () => {
    const { one, other } = copies(make, reseed)

    expect(new Set([...one, ...other]).size).toBe(4000)
  })

  it('would give the same without', () => {
    const { one, other } = copies(make, () => {})

    expect(one[0]).toBe(other[0])
  })
})

describe('two copies of UuidV7', () => {
  it('share no random bits after a reseed, also where it is later by then', () => {
    const time = new VirtualClock({ wall: 1_800_000_000_000 })
    const make = (fillRandom: FillRandom) => {
      const uuids = new UuidV7({ clock: time, fillRandom })
      return () => uuids.next()
    }

    const { one, other } = copies(make, () => {
      reseed()
      time.setWall(1_800_000_001_000)
    })

    expect(new Set([...one, ...other].map((text) => text.slice(-12))).size).toBe(4000)
  })
})

describe('reseed()', () => {
  it('gives uniqueName() another nonce', () => {
    const before = parseUniqueName(uniqueName())

    reseed()

    expect(parseUniqueName(uniqueName()).nonce).not.toBe(before.nonce)
  })

  it('leaves the order of uuidv7() as it is', () => {
    const texts = Array.from({ length: 1000 }, () => {
      reseed()
      return uuidv7()
    })

    expect(texts).toEqual([...texts].sort())
    expect(new Set(texts).size).toBe(1000)
  })

  it('leaves uuidv7() in order where the clock says no time', () => {
    const uuids = new UuidV7({ clock: { ...systemClock, wall: () => walls.shift() ?? Number.NaN } })
    const walls = [1000]
    const before = uuids.next()

    reseed()

    expect(uuids.next() > before).toBe(true)
    expect(UuidV7.parse(uuids.next()).timestamp).toBe(1001)
  })

  it('may come while a name is made, each time: the name is made all the same', () => {
    let drawn = 0
    const fillRandom = (target: Uint8Array) => {
      reseed()
      target.fill(drawn++)
    }
    const names = new UniqueNames({ fillRandom })

    const made = Array.from({ length: 3 }, () => parseUniqueName(names.next()))

    expect(made.map(({ counter }) => counter)).toEqual([0, 1, 2])
    expect(new Set(made.map(({ nonce }) => nonce)).size).toBe(3)
  })

  it('reaches a second copy of the package in the process', async () => {
    vi.resetModules()
    const copy = await import('@cupola/ids')
    const before = parseUniqueName(copy.uniqueName())

    reseed()

    expect(copy.reseed).not.toBe(reseed)
    expect(parseUniqueName(copy.uniqueName()).nonce).not.toBe(before.nonce)
  })

  it('reaches the threads that were started after the first id, and theirs', async () => {
    const program = new URL('fixtures/reseed-threads.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({
      code: 0,
      stdout: 'main: another nonce\nthread: another nonce\nthread of the thread: another nonce\n',
      stderr: '',
    })
  })
})
