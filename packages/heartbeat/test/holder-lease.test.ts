import { VirtualClock } from '@cupola/core/testing'
import { HolderLease, type HolderLeaseOptions, type LeaseRequest } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'

const TTL_MS = 3000

/** A store with one lease, whose calls take as long as it is told. */
class Store {
  latencyMs = 0
  isDown = false
  token: number | undefined = undefined
  holder = 1
  readonly requests: LeaseRequest<number>[] = []
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  readonly renew = async (request: LeaseRequest<number>) => {
    this.requests.push(request)
    await new Promise<void>((resolve) => this.#clock.setTimer(resolve, this.latencyMs))
    if (this.isDown) throw new Error('down')
    if (this.token !== undefined && this.token !== request.token) return undefined
    this.token = this.holder
    return { token: this.holder }
  }
}

function leaseOf(options: Partial<HolderLeaseOptions<number>> = {}) {
  const clock = new VirtualClock()
  const store = new Store(clock)
  const lease = new HolderLease(store.renew, { ttlMs: TTL_MS, clock, ...options })
  const told: string[] = []
  for (const name of ['renewed', 'failure', 'lost'] as const) lease.on(name, () => told.push(name))
  return { clock, store, lease, told }
}

async function heldLease(options: Partial<HolderLeaseOptions<number>> = {}) {
  const all = leaseOf(options)
  const acquiring = all.lease.acquire()
  await all.clock.advance(0)
  await acquiring
  return all
}

describe('HolderLease.acquire()', () => {
  it('holds what the store grants, with its token', async () => {
    const { lease } = await heldLease()

    expect(lease.isHeld).toBe(true)
    expect(lease.token).toBe(1)
    expect(lease.remainingMs).toBe(2700)
    lease.throwIfLost()
  })

  it('is told that somebody else has it, and may ask again', async () => {
    const { clock, store, lease } = leaseOf()
    store.token = 99
    const first = lease.acquire()
    await clock.advance(0)
    expect(await first).toBe(false)
    expect(() => lease.throwIfLost()).toThrow('it has not been granted')

    store.token = undefined
    const second = lease.acquire()
    await clock.advance(0)

    expect(await second).toBe(true)
  })

  it('counts from before it asked', async () => {
    const { clock, store, lease } = leaseOf()
    store.latencyMs = 1000

    const acquiring = lease.acquire()
    await clock.advance(1000)

    expect(await acquiring).toBe(true)
    expect(lease.remainingMs).toBe(1700)
  })

  it('does not take what comes too late', async () => {
    const { clock, store, lease } = leaseOf()
    store.latencyMs = 2700

    const reason = reasonOf(lease.acquire())
    await clock.advance(2700)

    expect(await reason).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 2700 })
    expect(store.requests[0]?.signal.aborted).toBe(true)
    expect(lease.isHeld).toBe(false)
  })

  it('does not wait for a store that never answers, and may ask again', async () => {
    const clock = new VirtualClock()
    let isDeaf = true
    const renew = () => (isDeaf ? new Promise<never>(() => {}) : Promise.resolve({ token: 1 }))
    const lease = new HolderLease(renew, { ttlMs: TTL_MS, clock })
    const reason = reasonOf(lease.acquire())
    await clock.advance(2700)
    expect(String(await reason)).toBe('TimeoutError: Cannot hear from the store: waited 2700 ms')

    isDeaf = false

    expect(await lease.acquire()).toBe(true)
    await lease.close()
    expect(clock.pending).toBe(0)
  })

  it('gives back what is granted when nobody waits for it any more', async () => {
    const released: number[] = []
    const release = async (token: number): Promise<void> => void released.push(token)
    const { clock, store, lease } = leaseOf({ release })
    store.latencyMs = 4000
    const reason = reasonOf(lease.acquire())

    await clock.advance(4000)

    expect(await reason).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(released).toEqual([1])
    expect(lease.isHeld).toBe(false)
  })

  it('tells that it could not give that back', async () => {
    const release = (): Promise<void> => Promise.reject(new Error('release'))
    const { clock, store, lease, told } = leaseOf({ release })
    store.latencyMs = 4000
    const reason = reasonOf(lease.acquire())

    await clock.advance(4000)

    expect(await reason).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(told).toEqual(['failure'])
  })

  it('keeps what it was granted meanwhile, though an older answer brings the same token', async () => {
    const clock = new VirtualClock()
    const released: number[] = []
    const release = async (token: number): Promise<void> => void released.push(token)
    const waitsMs = [2750, 100]
    const renew = async () => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, waitsMs.shift() ?? 0))
      return { token: 1 }
    }
    const lease = new HolderLease(renew, { ttlMs: TTL_MS, clock, release })
    const reason = reasonOf(lease.acquire())
    await clock.advance(2700)
    await reason

    const acquiring = lease.acquire()
    // The first answers while the second is still asked.
    await clock.advance(100)

    expect(await acquiring).toBe(true)
    expect(released).toEqual([])
    expect(lease.isHeld).toBe(true)
  })

  it('asks one question, however many ask', async () => {
    const { clock, store, lease } = leaseOf()

    const asked = [lease.acquire(), lease.acquire()]
    await clock.advance(0)

    expect(await Promise.all(asked)).toEqual([true, true])
    expect(await lease.acquire()).toBe(true)
    expect(store.requests).toHaveLength(1)
  })

  it.each([
    ['null', null, 'TypeError: Cannot use what the store answered: it has no token'],
    ['no token', {}, 'TypeError: Cannot use what the store answered: it has no token'],
    ['text', 'yes', 'TypeError: Cannot use what the store answered: it has no token'],
    [
      'no time',
      { token: 1, ttlMs: 0 },
      'RangeError: Cannot use ttlMs of the store: got 0, expected a finite number above 0',
    ],
    [
      'all time',
      { token: 1, ttlMs: Infinity },
      'RangeError: Cannot use ttlMs of the store: got Infinity, expected a finite number above 0',
    ],
    [
      'time that is none',
      { token: 1, ttlMs: '9' },
      'TypeError: Cannot use ttlMs of the store: got string, expected a number',
    ],
  ])('takes %s for no grant', async (_, answer, message) => {
    const lease = new HolderLease(async () => answer as never, { ttlMs: TTL_MS })

    expect(String(await reasonOf(lease.acquire()))).toBe(message)
    expect(lease.isHeld).toBe(false)
  })

  it('fails as the store does', async () => {
    const { clock, store, lease } = leaseOf()
    store.isDown = true

    const reason = reasonOf(lease.acquire())
    await clock.advance(0)

    expect(await reason).toEqual(new Error('down'))
  })

  it('says that it is over, not that somebody else has it, before a timer could', async () => {
    let uptimeMs = 0
    const { lease } = await heldLease({ uptimeMs: () => uptimeMs })
    uptimeMs += TTL_MS

    expect(await reasonOf(lease.acquire())).toMatchObject({
      name: 'BrokenError',
      message: 'Cannot hold the lease: it ran out before it was prolonged',
    })
    expect(lease.signal.aborted).toBe(true)
  })

  it('takes the duration that the store grants', async () => {
    const clock = new VirtualClock()
    const renew = async () => ({ token: 1, ttlMs: 1000 })
    const lease = new HolderLease(renew, { ttlMs: TTL_MS, clock })

    await lease.acquire()

    expect(lease.remainingMs).toBe(700)
  })
})

describe('HolderLease', () => {
  it('is prolonged for as long as it is open', async () => {
    const { clock, lease, told } = await heldLease()

    await clock.advance(100 * TTL_MS)

    expect(lease.isHeld).toBe(true)
    expect(told).toHaveLength(300)
    expect(new Set(told)).toEqual(new Set(['renewed']))
  })

  it('counts each prolongation from before it was asked', async () => {
    const { clock, store, lease } = await heldLease()
    store.latencyMs = 400

    await clock.advance(1400)

    expect(lease.remainingMs).toBe(2300)
  })

  it('survives an outage that is shorter than what is left', async () => {
    const { clock, store, lease, told } = await heldLease()
    store.isDown = true
    await clock.advance(2000)
    expect(told.slice(0, 2)).toEqual(['failure', 'failure'])

    store.isDown = false
    await clock.advance(500)

    expect(told).toContain('renewed')
    expect(lease.isHeld).toBe(true)
  })

  it('is lost at the deadline, and stays so', async () => {
    const { clock, store, lease, told } = await heldLease()
    store.isDown = true

    await clock.advance(2699)
    expect(lease.signal.aborted).toBe(false)
    await clock.advance(1)

    expect(lease.signal.reason).toMatchObject({ code: 'ERR_BROKEN' })
    expect(told.at(-1)).toBe('lost')
    store.isDown = false
    await clock.advance(TTL_MS)
    expect(lease.isHeld).toBe(false)
    await expect(lease.acquire()).rejects.toBe(lease.signal.reason)
    expect(clock.pending).toBe(0)
  })

  it('tries again when a store does not answer in time, and does not take its answer for a later one', async () => {
    const { clock, store, lease, told } = await heldLease()
    store.latencyMs = 1600

    // Asked at 1000, given up at 2000, asked again at 2250; the first answers at 2600.
    await clock.advance(2650)

    expect(told).toEqual(['failure'])
    expect(store.requests.map(({ signal }) => signal.aborted)).toEqual([false, true, false])
    expect(lease.remainingMs).toBe(50)
    await clock.advance(50)
    expect(told).toEqual(['failure', 'lost'])
  })

  it('is prolonged by the next try when one is never answered', async () => {
    const clock = new VirtualClock()
    let asked = 0
    const lease = new HolderLease(
      () => (++asked % 2 === 0 ? new Promise<never>(() => {}) : Promise.resolve({ token: 1 })),
      { ttlMs: TTL_MS, clock },
    )
    await lease.acquire()

    await clock.advance(100 * TTL_MS)

    expect(lease.isHeld).toBe(true)
    expect(asked).toBeGreaterThan(200)
  })

  it('is prolonged in time when the store grants less than it was asked for', async () => {
    const clock = new VirtualClock()
    const renew = async () => ({ token: 1, ttlMs: 900 })
    const lease = new HolderLease(renew, { ttlMs: TTL_MS, clock })
    await lease.acquire()

    await clock.advance(100 * TTL_MS)

    expect(lease.isHeld).toBe(true)
  })

  it('takes a grant without a token for a failure, and tries again', async () => {
    const clock = new VirtualClock()
    const answers = [{ token: 1 }, {}, { token: 1 }]
    const told: string[] = []
    const lease = new HolderLease<number>(async () => (answers.shift() ?? { token: 1 }) as never, {
      ttlMs: TTL_MS,
      clock,
    })
    lease.on('failure', ({ error }) => told.push(String(error)))
    await lease.acquire()

    await clock.advance(2000)

    expect(told).toEqual(['TypeError: Cannot use what the store answered: it has no token'])
    expect(lease.isHeld).toBe(true)
  })

  it('is not revived by an answer that comes too late', async () => {
    const { clock, store, lease } = await heldLease()
    store.latencyMs = 2000

    await clock.advance(1000 + 2000)

    expect(store.token).toBe(1)
    expect(lease.isHeld).toBe(false)
  })

  it('is lost when the store says that somebody else has it', async () => {
    const { clock, store, lease } = await heldLease()
    store.token = 99

    await clock.advance(1000)

    expect(() => lease.throwIfLost()).toThrow('somebody else has been granted it')
  })

  it('is lost when the store grants another token', async () => {
    const { clock, store, lease } = await heldLease()
    store.holder = 2

    await clock.advance(1000)

    expect(lease.signal.aborted).toBe(true)
    expect(lease.token).toBe(1)
  })

  it('notices in a blocked event loop that it is over', async () => {
    let blockedMs = 0
    const clock = new VirtualClock()
    const late = {
      now: () => clock.now() + blockedMs,
      wall: () => clock.wall(),
      setTimer: (fn: () => void, ms: number) => clock.setTimer(fn, ms),
    }
    const lease = new HolderLease(async () => ({ token: 1 }), { ttlMs: TTL_MS, clock: late })
    await lease.acquire()

    blockedMs = 2700

    expect(lease.signal.aborted).toBe(false)
    expect(() => lease.throwIfLost()).toThrow('it ran out')
    expect(lease.signal.aborted).toBe(true)
  })

  it('notices that the machine slept, while the clock that measures stood still', async () => {
    let uptimeMs = 5000
    const { lease } = await heldLease({ uptimeMs: () => uptimeMs })

    uptimeMs += 2709
    expect(lease.isHeld).toBe(true)
    uptimeMs += 1

    expect(() => lease.throwIfLost()).toThrow('it ran out')
  })

  it('holds by the clocks of the machine too', async () => {
    const lease = new HolderLease(async () => ({ token: 'x' }), { ttlMs: 60_000 })

    await lease.acquire()

    expect(lease.remainingMs).toBeGreaterThan(50_000)
    expect(lease.remainingMs).toBeLessThanOrEqual(54_000)
    await lease.close()
  })
})

describe('HolderLease.close()', () => {
  it('gives back what is held', async () => {
    const released: number[] = []
    const release = async (token: number): Promise<void> => void released.push(token)
    const { clock, lease } = await heldLease({ release })

    const closing = lease.close()

    expect(lease.close()).toBe(closing)
    await closing
    expect(released).toEqual([1])
    expect(() => lease.throwIfLost()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    expect(clock.pending).toBe(0)
  })

  it('gives back nothing that is lost, or was never granted', async () => {
    const release = (): Promise<void> => Promise.reject(new Error('must not be called'))
    const { clock, store, lease } = await heldLease({ release })
    store.isDown = true
    await clock.advance(TTL_MS)

    await lease.close()
    await leaseOf({ release }).lease.close()

    expect(store.token).toBe(1)
  })

  it('tells who waits for it that it is closed, and gives back what comes then', async () => {
    const released: number[] = []
    const release = async (token: number): Promise<void> => void released.push(token)
    const { clock, store, lease } = leaseOf({ release })
    store.latencyMs = 1000
    const reason = reasonOf(lease.acquire())
    await lease.close()

    await clock.advance(1000)

    expect(await reason).toMatchObject({ code: 'ERR_CLOSED' })
    expect(store.requests[0]?.signal.aborted).toBe(true)
    expect(released).toEqual([1])
  })

  it('does not wait for a release that never ends for longer than the lease would have lasted', async () => {
    const { clock, lease } = await heldLease({ release: () => new Promise(() => {}) })

    const reason = reasonOf(lease.close())
    expect(lease.isHeld).toBe(false)
    await clock.advance(2700)

    expect(String(await reason)).toBe('TimeoutError: Cannot give back the lease: waited 2700 ms')
    expect(clock.pending).toBe(0)
  })

  it('fails as the release does, and is over all the same', async () => {
    const release = (): never => {
      throw new Error('release')
    }
    const { lease } = await heldLease({ release })

    expect(await reasonOf(lease.close())).toEqual(new Error('release'))
    expect(lease.signal.aborted).toBe(true)
  })
})
