import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Condition, Mutex } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

describe('Condition', () => {
  it('belongs to the mutex it is given, or to one of its own', () => {
    const mutex = new Mutex()

    expect(new Condition(mutex).mutex).toBe(mutex)
    expect(new Condition().mutex).not.toBe(new Condition().mutex)
    expect(() => new Condition({} as never)).toThrow(TypeError)
  })

  it('may share its mutex: a notice reaches those of its own', async () => {
    const mutex = new Mutex()
    const [full, empty] = [new Condition(mutex), new Condition(mutex)]
    const waitingForFull = mutex.run((held) => full.wait(held))
    const waitingForEmpty = mutex.run((held) => empty.wait(held))
    await stateOf(waitingForFull)

    await mutex.run((held) => full.notifyAll(held))

    await waitingForFull
    expect(await stateOf(waitingForEmpty)).toBe('pending')
    await mutex.run((held) => empty.notifyAll(held))
    await waitingForEmpty
  })

  describe('.wait()', () => {
    it('gives the mutex up while it waits, and holds it afterwards', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      const waiting = condition.wait(held)

      const other = condition.mutex.tryAcquire()!
      condition.notify(other)
      expect(await stateOf(waiting)).toBe('pending')

      other.release()
      await waiting
      expect(condition.mutex.locked).toBe(true)
      held.release()
      expect(condition.mutex.locked).toBe(false)
    })

    it('keeps the mutex if the signal has aborted already, or the timeout is 0', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()

      const aborted = condition.wait(held, { signal: AbortSignal.abort('no') })
      const timedOut = condition.wait(held, { timeout: 0 })

      expect(condition.mutex.tryAcquire()).toBeUndefined()
      await expect(aborted).rejects.toBe('no')
      await expect(timedOut).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
      held.release()
      expect(condition.mutex.locked).toBe(false)
    })

    it('that times out holds the mutex, and waits for it if need be', async () => {
      const clock = new VirtualClock()
      const condition = new Condition(undefined, { clock })
      const held = await condition.mutex.acquire()
      const waiting = condition.wait(held, { timeout: 10 })
      const other = condition.mutex.tryAcquire()!

      await clock.advance(10)
      expect(await stateOf(waiting)).toBe('pending')

      other.release()
      await expect(waiting).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
      condition.notify(held)
      held.release()
    })

    it('passes the mutex on and rejects if its guard was released after the notice', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      const waiting = condition.wait(held)
      const other = condition.mutex.tryAcquire()!
      condition.notify(other)

      held.release()
      other.release()

      await expect(waiting).rejects.toThrow('got a guard that was released')
      expect(condition.mutex.locked).toBe(false)
    })

    it('takes neither mutex nor notice if its guard was released before, and rejects', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      const released = condition.wait(held)
      const next = condition.mutex.run((other) => condition.wait(other))
      await stateOf(next)
      held.release()

      void condition.mutex.run((other) => condition.notify(other))

      await expect(released).rejects.toBeInstanceOf(TypeError)
      await next
      expect(condition.stats()).toEqual({ locked: false, waiting: 0 })
    })

    it('rejects a second wait with a guard whose mutex is given up', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      const waiting = condition.wait(held)

      await expect(condition.wait(held)).rejects.toBeInstanceOf(TypeError)

      await condition.mutex.run((other) => condition.notify(other))
      await waiting
    })
  })

  describe('.waitFor()', () => {
    it('asks nothing if the signal has aborted already', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      let calls = 0
      const signal = AbortSignal.abort('no')

      const waiting = condition.waitFor(held, () => ++calls > 0, { signal })

      await expect(waiting).rejects.toBe('no')
      expect(calls).toBe(0)
    })

    it('goes on at once if the predicate holds', async () => {
      const condition = new Condition()

      const waiting = condition.mutex.run((held) =>
        condition.waitFor(held, () => true, { timeout: 0 }),
      )

      await expect(waiting).resolves.toBeUndefined()
    })

    it('calls the predicate with the mutex held, at first and after each notice', async () => {
      const condition = new Condition()
      const locked: boolean[] = []
      const waiting = condition.mutex.run((held) =>
        condition.waitFor(held, () => locked.push(condition.mutex.locked) === 3),
      )

      for (let notice = 0; notice < 2; notice++) {
        await condition.mutex.run((held) => condition.notify(held))
        await stateOf(waiting)
      }

      await waiting
      expect(locked).toEqual([true, true, true])
    })

    it('counts its timeout from the beginning, and names it', async () => {
      const clock = new VirtualClock()
      const condition = new Condition(undefined, { clock })
      const waiting = condition.mutex
        .run((held) => condition.waitFor(held, () => false, { timeout: 10 }))
        .catch((error: unknown) => error)
      await clock.advance(6)
      await condition.mutex.run((held) => condition.notify(held))

      await clock.advance(4)

      expect(await waiting).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 10 })
      expect(clock.pending).toBe(0)
    })

    it('gives up if its time is over when it has the mutex again', async () => {
      const clock = new VirtualClock()
      const condition = new Condition(undefined, { clock })
      const waiting = condition.mutex
        .run((held) => condition.waitFor(held, () => false, { timeout: 10 }))
        .catch((error: unknown) => error)
      await clock.advance(5)
      const other = condition.mutex.tryAcquire()!
      condition.notify(other)
      await clock.advance(5)

      other.release()

      expect(await waiting).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 10 })
    })

    it('goes on when its time is over if the predicate holds by then', async () => {
      const clock = new VirtualClock()
      const condition = new Condition(undefined, { clock })
      let isReady = false
      const waiting = condition.mutex.run((held) =>
        condition.waitFor(held, () => isReady, { timeout: 10 }),
      )
      await clock.advance(5)

      isReady = true
      await clock.advance(5)

      await expect(waiting).resolves.toBeUndefined()
    })

    it('rejects with the reason of an abort, though it be a TimeoutError', async () => {
      const condition = new Condition()
      const controller = new AbortController()
      const waiting = condition.mutex.run((held) =>
        condition.waitFor(held, () => false, { signal: controller.signal, timeout: 60_000 }),
      )
      await stateOf(waiting)
      const reason = new TimeoutError('be patient', 1)

      controller.abort(reason)

      await expect(waiting).rejects.toBe(reason)
    })

    it('does not ask the predicate without the mutex: it rejects if its guard was released', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()
      let calls = 0
      const waiting = condition.waitFor(held, () => ++calls > 1)
      held.release()

      void condition.mutex.run((other) => condition.notify(other))

      await expect(waiting).rejects.toThrow('got a guard that was released')
      expect(calls).toBe(1)
    })

    it('does so too when its time is over', async () => {
      const clock = new VirtualClock()
      const condition = new Condition(undefined, { clock })
      const held = await condition.mutex.acquire()
      let calls = 0
      const waiting = condition
        .waitFor(held, () => ++calls > 1, { timeout: 10 })
        .catch((error: unknown) => error)
      held.release()

      await clock.advance(10)

      expect(await waiting).toBeInstanceOf(TypeError)
      expect(calls).toBe(1)
    })

    it('rejects with what the predicate throws', async () => {
      const condition = new Condition()
      const waiting = condition.mutex.run((held) =>
        condition.waitFor(held, () => {
          throw new Error('cannot tell')
        }),
      )

      await expect(waiting).rejects.toThrow('cannot tell')
      expect(condition.mutex.locked).toBe(false)
    })

    it('rejects a predicate that is no function', async () => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()

      await expect(condition.waitFor(held, true as never)).rejects.toBeInstanceOf(TypeError)
    })
  })

  describe('.notify()', () => {
    it.each([-1, 1.5, Number.NaN])('refuses a count of %s', async (count) => {
      const condition = new Condition()
      const held = await condition.mutex.acquire()

      expect(() => condition.notify(held, count)).toThrow(RangeError)
    })

    it('has those it wakes take the mutex before who asks for it later', async () => {
      const condition = new Condition()
      const log: string[] = []
      const waiting = condition.mutex.run(async (held) => {
        await condition.wait(held)
        log.push('woken')
      })
      const held = await condition.mutex.acquire()
      condition.notify(held)
      const later = condition.mutex.run(() => log.push('later'))

      held.release()

      await Promise.all([waiting, later])
      expect(log).toEqual(['woken', 'later'])
    })
  })
})
