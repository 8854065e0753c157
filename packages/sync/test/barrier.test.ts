import { AsyncLocalStorage } from 'node:async_hooks'
import { BrokenError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { Barrier } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

describe('Barrier', () => {
  it.each([0, -1, 1.5, Infinity, Number.NaN])('refuses to be for %s', (parties) => {
    expect(() => new Barrier(parties)).toThrow(RangeError)
  })

  it('refuses an action that is no function', () => {
    expect(() => new Barrier(1, { action: 'act' as never })).toThrow(TypeError)
  })

  it('holds nobody up when it is for one', async () => {
    expect(await new Barrier(1).wait({ timeout: 0 })).toBe(0)
  })

  describe('its action', () => {
    it('is called once all are there, before any of them goes on', async () => {
      const log: string[] = []
      const barrier = new Barrier(3, { action: () => log.push('action') })

      const visits = [1, 2, 3].map(async () => log.push(`went ${await barrier.wait()}`))

      await Promise.all(visits)
      expect(log[0]).toBe('action')
      expect(log.slice(1).toSorted()).toEqual(['went 0', 'went 1', 'went 2'])
    })

    it('is waited for', async () => {
      const acted = new Deferred<void>()
      const barrier = new Barrier(2, { action: () => acted.promise })
      const visits = Promise.all([barrier.wait(), barrier.wait()])

      expect(await stateOf(visits)).toBe('pending')

      acted.resolve()
      expect(await visits).toEqual([0, 1])
    })

    it('is for one party at a time: the next waits until it is done', async () => {
      const actions: Deferred<void>[] = []
      const action = (): Promise<void> => {
        const acted = new Deferred<void>()
        actions.push(acted)
        return acted.promise
      }
      const barrier = new Barrier(2, { action })
      const visits = Array.from({ length: 5 }, () => barrier.wait())
      expect([actions.length, barrier.stats().waiting]).toEqual([1, 3])

      actions[0]?.resolve()
      expect(await Promise.all(visits.slice(0, 2))).toEqual([0, 1])
      expect([actions.length, barrier.stats().waiting]).toEqual([2, 1])

      actions[1]?.resolve()
      expect(await Promise.all(visits.slice(2, 4))).toEqual([0, 1])
      expect(await stateOf(Promise.resolve(visits[4]))).toBe('pending')
    })

    it('that fails rejects the last with its error, and breaks the barrier for the others', async () => {
      const error = new Error('failed')
      const barrier = new Barrier(2, { action: () => Promise.reject(error) })
      const [first, last] = [barrier.wait(), barrier.wait()]

      await expect(last).rejects.toBe(error)
      await expect(first).rejects.toMatchObject({ code: 'ERR_BROKEN', cause: error })
      await expect(barrier.wait()).rejects.toMatchObject({ code: 'ERR_BROKEN', cause: error })
      expect(barrier.broken).toBe(true)
    })

    it('that fails breaks it also for those who came meanwhile', async () => {
      const acted = new Deferred<void>()
      const barrier = new Barrier(1, { action: () => acted.promise })
      const first = barrier.wait()
      const second = barrier.wait()

      acted.reject('failed')

      await expect(first).rejects.toBe('failed')
      await expect(second).rejects.toBeInstanceOf(BrokenError)
    })

    it('that fails after a reset breaks it for its own party only', async () => {
      const acted = [new Deferred<void>(), new Deferred<void>()]
      const actions = acted.values()
      const barrier = new Barrier(1, { action: () => actions.next().value?.promise })
      const first = barrier.wait()

      barrier.reset()
      const second = barrier.wait()
      acted[0]?.reject('failed')

      await expect(first).rejects.toBe('failed')
      expect(barrier.broken).toBe(false)
      acted[1]?.resolve()
      expect(await second).toBe(0)
    })

    it('can abort no wait of its party', async () => {
      const controller = new AbortController()
      const { signal } = controller
      const barrier = new Barrier(2, { action: () => controller.abort('late') })

      const visits = [barrier.wait({ signal }), barrier.wait()]

      expect(await Promise.all(visits)).toEqual([0, 1])
    })

    it('can abort no wait of a party that came while the one before it ran', async () => {
      const controllers = [new AbortController(), new AbortController()]
      const [first, last] = controllers
      let calls = 0
      const action = () => {
        if (++calls === 2) for (const controller of controllers) controller.abort('late')
      }
      const barrier = new Barrier(2, { action })

      const visits = [barrier.wait(), barrier.wait(), barrier.wait(first), barrier.wait(last)]

      expect(await Promise.all(visits)).toEqual([0, 1, 0, 1])
    })

    it('sees the context of whoever came last of its party, in every round', async () => {
      const storage = new AsyncLocalStorage<string>()
      const seen: (string | undefined)[] = []
      const action = async () => void seen.push(storage.getStore())
      const barrier = new Barrier(2, { action })

      const visits = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) =>
        storage.run(name, () => barrier.wait()),
      )

      await Promise.all(visits)
      expect(seen).toEqual(['B', 'D', 'F'])
    })

    it('may reset the barrier, and its party goes on', async () => {
      const barrier: Barrier = new Barrier(2, { action: () => barrier.reset() })

      expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1])
    })
  })

  describe('.wait()', () => {
    it('breaks the barrier for all if one is aborted while he waits', async () => {
      const barrier = new Barrier(3)
      const controller = new AbortController()
      const first = barrier.wait({ signal: controller.signal })
      const second = barrier.wait()

      controller.abort('enough')

      await expect(first).rejects.toBe('enough')
      await expect(second).rejects.toMatchObject({
        code: 'ERR_BROKEN',
        message: 'Cannot wait at the barrier: somebody gave up',
      })
    })

    it('gives each who waits with the signal that aborts its reason', async () => {
      const barrier = new Barrier(4)
      const controller = new AbortController()
      const aborted = Array.from({ length: 2 }, () => barrier.wait(controller))
      const other = barrier.wait()

      controller.abort('enough')

      for (const wait of aborted) await expect(wait).rejects.toBe('enough')
      await expect(other).rejects.toBeInstanceOf(BrokenError)
    })

    it('breaks nothing for who never was of the party', async () => {
      const barrier = new Barrier(2)

      await expect(barrier.wait({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
      await expect(barrier.wait({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(barrier.broken).toBe(false)
    })

    it('cannot be left any more when all are there', async () => {
      const acted = new Deferred<void>()
      const barrier = new Barrier(2, { action: () => acted.promise })
      const controller = new AbortController()
      const visits = [barrier.wait({ signal: controller.signal }), barrier.wait(controller)]

      controller.abort('too late')
      acted.resolve()

      expect(await Promise.all(visits)).toEqual([0, 1])
    })
  })

  describe('.abort()', () => {
    it('gives its reason as the cause', async () => {
      const barrier = new Barrier(2)
      const waiting = barrier.wait()

      barrier.abort('fire')

      await expect(waiting).rejects.toMatchObject({ code: 'ERR_BROKEN', cause: 'fire' })
      await expect(barrier.wait()).rejects.toMatchObject({ code: 'ERR_BROKEN', cause: 'fire' })
    })
  })
})
