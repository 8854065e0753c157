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

    const acquiring = lease.acquire()
    await clock.advance(2700)

    expect(await acquiring).toBe(false)
    expect(store.requests[0]?.signal.aborted).toBe(true)
    expect(lease.isHeld).toBe(false)
  })

  it('fails as the store does', async () => {
    const { clock, store, lease } = leaseOf()
    store.isDown = true

    const reason = reasonOf(lease.acquire())
    await clock.advance(0)

    expect(await reason).toEqual(new Error('down'))
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

  it.each([{ ttlMs: 0 }, { marginMs: -1 }, { renewEveryMs: 0 }, { marginMs: 2000 }])(
    'refuses %j',
    (options) => {
      expect(() => leaseOf(options)).toThrow(RangeError)
    },
  )
})
