// Answers to the cases of the JSR 166 TCK that apply to one event loop: `SemaphoreTest` for the fair
// kind, `CyclicBarrierTest` and `CountDownLatchTest`. An interrupt is an abort. Not here: permits that
// are released without having been acquired, or drained, for only guards release.
import { VirtualClock } from '@cupola/core/testing'
import { Barrier, Latch, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

describe('Semaphore', () => {
  it('tryAcquire succeeds while permits last, and fails then', () => {
    const semaphore = new Semaphore(2)
    const guards = [semaphore.tryAcquire(), semaphore.tryAcquire()]

    expect(semaphore.tryAcquire()).toBeUndefined()

    for (const guard of guards) guard?.release()
    expect(semaphore.stats().available).toBe(2)
  })

  it('a timed acquire fails after its time, and the permit stays where it was', async () => {
    const clock = new VirtualClock()
    const semaphore = new Semaphore(1, { clock })
    const guard = semaphore.tryAcquire()
    const timed = semaphore.acquire({ timeout: 100 }).catch((error: unknown) => error)

    await clock.advance(100)

    expect(await timed).toMatchObject({ code: 'ERR_TIMEOUT' })
    guard?.release()
    expect(semaphore.stats()).toMatchObject({ available: 1, waiting: 0 })
  })

  it.each([{}, { timeout: 60_000 }])(
    'an acquire with %o that is interrupted leaves the queue',
    async (options) => {
      const semaphore = new Semaphore(1)
      const guard = semaphore.tryAcquire()
      const controller = new AbortController()
      const acquiring = semaphore.acquire({ ...options, signal: controller.signal })
      expect(semaphore.stats().waiting).toBe(1)

      controller.abort('interrupted')

      await expect(acquiring).rejects.toBe('interrupted')
      expect(semaphore.stats().waiting).toBe(0)
      guard?.release()
    },
  )

  it('queue length counts who waits', async () => {
    const semaphore = new Semaphore(1)
    const held = semaphore.tryAcquire()
    const lengths = [semaphore.stats().waiting]

    const waits = [1, 2].map(() => {
      const acquiring = semaphore.acquire()
      lengths.push(semaphore.stats().waiting)
      return acquiring
    })
    held?.release()
    lengths.push(semaphore.stats().waiting)
    for (const acquiring of waits) {
      const guard = await acquiring
      guard.release()
      lengths.push(semaphore.stats().waiting)
    }

    expect(lengths).toEqual([0, 1, 2, 1, 0, 0])
  })

  it('fewer permits by reduction leave a debt that releases pay', () => {
    const semaphore = new Semaphore(10)
    const guards = Array.from({ length: 10 }, () => semaphore.tryAcquire())

    semaphore.resize(1)
    expect(semaphore.stats().available).toBe(-9)

    for (const guard of guards) guard?.release()
    expect(semaphore.stats().available).toBe(1)
  })
})

describe('Barrier', () => {
  it('a barrier that an interrupt broke is broken for the others, not for the interrupted', async () => {
    const barrier = new Barrier(3)
    const controller = new AbortController()
    const interrupted = barrier.wait({ signal: controller.signal })
    const other = barrier.wait({ timeout: 60_000 })

    controller.abort('interrupted')

    await expect(interrupted).rejects.toBe('interrupted')
    await expect(other).rejects.toMatchObject({ code: 'ERR_BROKEN' })
    expect(barrier.stats()).toEqual({ parties: 3, waiting: 0, broken: true })
  })

  it('a reset of a broken barrier mends it', async () => {
    const barrier = new Barrier(2)
    barrier.abort()

    barrier.reset()

    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1])
  })

  it('a reset with nobody there changes nothing', () => {
    const barrier = new Barrier(2)

    barrier.reset()

    expect(barrier.stats()).toEqual({ parties: 2, waiting: 0, broken: false })
  })

  it('an action that throws breaks it, and a reset mends it', async () => {
    let fails = true
    const action = (): void => {
      if (fails) throw new Error('failed')
    }
    const barrier = new Barrier(2, { action })
    const outcomes = await Promise.allSettled([barrier.wait(), barrier.wait()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])

    fails = false
    barrier.reset()

    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1])
  })
})

describe('Latch', () => {
  it('counts down to 0, and not below', () => {
    const latch = new Latch(2)
    const counts = [latch.remaining]

    for (let time = 0; time < 3; time++) {
      latch.countDown()
      counts.push(latch.remaining)
    }

    expect(counts).toEqual([2, 1, 0, 0])
  })

  it('await goes on at 0, and not before', async () => {
    const latch = new Latch(2)
    const waits = Promise.all([latch.wait(), latch.wait({ timeout: 60_000 })])

    latch.countDown()
    expect(await stateOf(waits)).toBe('pending')

    latch.countDown()
    await waits
    await latch.wait()
  })

  it('a timed await gives up after its time, and changes nothing', async () => {
    const clock = new VirtualClock()
    const latch = new Latch(1, { clock })
    const late = latch.wait({ timeout: 100 }).catch((error: unknown) => error)

    await clock.advance(100)

    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(latch.stats()).toEqual({ remaining: 1, waiting: 0 })
  })
})
