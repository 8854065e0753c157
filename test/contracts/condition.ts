import { TimeoutError, type WaitOptions } from '@cupola/core'
import { expect } from 'vitest'
import { reasonOf } from '../reason-of.ts'
import { stateOf } from '../state-of.ts'
import { eventLoopTurn, until } from '../until.ts'
import type { Fact } from './fact.ts'

/** Proves that a mutex is held. */
export interface GuardLike extends Disposable {
  release(): void
}

/** A condition and its mutex, within a thread or across threads. */
export interface ConditionLike {
  readonly mutex: {
    readonly locked: boolean
    acquire(): Promise<GuardLike>
    run(fn: (held: GuardLike) => void): Promise<void>
  }
  wait(held: GuardLike, options?: WaitOptions): Promise<void>
  waitFor(held: GuardLike, predicate: () => boolean, options?: WaitOptions): Promise<void>
  notify(held: GuardLike, count?: number): void
  notifyAll(held: GuardLike): void
}

type ConditionFact = Fact<ConditionLike>

/** So many wait, one after the other; each writes its number down when it goes on, and leaves. */
async function visitors(condition: ConditionLike, wentOn: number[], count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const held = await condition.mutex.acquire()
    void condition.wait(held).then(() => {
      wentOn.push(number)
      held.release()
    })
  }
}

const notifying: readonly ConditionFact[] = [
  {
    title: 'gives the mutex to others while somebody waits',
    async check(condition) {
      const held = await condition.mutex.acquire()

      void condition.wait(held)

      expect(condition.mutex.locked).toBe(false)
    },
  },
  {
    title: 'lets who is notified go on once the mutex is free, and holds it again then',
    async check(condition) {
      const waiting = condition.wait(await condition.mutex.acquire())
      const held = await condition.mutex.acquire()

      condition.notify(held)

      expect(await stateOf(waiting)).toBe('pending')
      held.release()
      await waiting
      expect(condition.mutex.locked).toBe(true)
    },
  },
  ...[
    { count: 0, expected: [] },
    { count: 1, expected: [0] },
    { count: 2, expected: [0, 1] },
    { count: Infinity, expected: [0, 1, 2] },
  ].map(({ count, expected }): ConditionFact => ({
    title: `lets the first ${JSON.stringify(expected)} go on, notified to ${count}`,
    async check(condition) {
      const wentOn: number[] = []
      await visitors(condition, wentOn, 3)

      await condition.mutex.run((held) => condition.notify(held, count))
      await until(() => wentOn.length >= expected.length)
      await eventLoopTurn()

      expect(wentOn).toEqual(expected)
    },
  })),
  {
    title: 'remembers no notification that nobody waited for',
    async check(condition) {
      await condition.mutex.run((held) => condition.notifyAll(held))

      const waiting = condition.wait(await condition.mutex.acquire())

      expect(await stateOf(waiting)).toBe('pending')
    },
  },
  {
    title: 'hands on what one was meant to get that has given up',
    async check(condition) {
      const controller = new AbortController()
      const { signal } = controller
      const first = await condition.mutex.acquire()
      const givingUp = reasonOf(condition.wait(first, { signal }))
      const waiting = condition.wait(await condition.mutex.acquire())
      const held = await condition.mutex.acquire()

      controller.abort('enough')
      condition.notify(held)
      held.release()

      expect(await givingUp).toBe('enough')
      first.release()
      await expect(waiting).resolves.toBeUndefined()
    },
  },
]

const givingUp: readonly ConditionFact[] = [
  {
    title: 'holds the mutex again when a wait has timed out',
    async check(condition) {
      const held = await condition.mutex.acquire()

      const error = await reasonOf(condition.wait(held, { timeout: 1 }))

      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ timeout: 1 })
      expect(() => condition.notify(held)).not.toThrow()
    },
  },
  {
    title: 'holds the mutex again when a wait was aborted, and rejects with the very reason',
    async check(condition) {
      const held = await condition.mutex.acquire()
      const controller = new AbortController()
      const waiting = condition.wait(held, { signal: controller.signal })

      controller.abort('enough')

      expect(await reasonOf(waiting)).toBe('enough')
      expect(() => condition.notify(held)).not.toThrow()
    },
  },
  ...[{ timeout: 0 }, { signal: AbortSignal.abort('before') }].map((options): ConditionFact => ({
    title: `does not even give the mutex up, asked with ${Object.keys(options).join()} not to wait`,
    async check(condition) {
      const held = await condition.mutex.acquire()

      const waiting = reasonOf(condition.wait(held, options))

      expect(condition.mutex.locked).toBe(true)
      await waiting
      expect(() => condition.notify(held)).not.toThrow()
    },
  })),
]

const releasing: readonly ConditionFact[] = [
  {
    title: 'leaves the mutex to others whose guard is released during a wait',
    async check(condition) {
      const { mutex } = condition
      const held = await mutex.acquire()
      const waiting = reasonOf(condition.wait(held))

      held.release()
      await mutex.run((other) => condition.notifyAll(other))

      expect(await waiting).toBeInstanceOf(TypeError)
      expect(mutex.locked).toBe(false)
    },
  },
  {
    title: 'notifies somebody else, if the guard was released of who waited first',
    async check(condition) {
      const { mutex } = condition
      const first = await mutex.acquire()
      const released = reasonOf(condition.wait(first))
      const second = condition.wait(await mutex.acquire())

      first.release()
      await mutex.run((other) => condition.notify(other))

      await expect(second).resolves.toBeUndefined()
      expect(await released).toBeInstanceOf(TypeError)
    },
  },
  {
    title: 'leaves the mutex to others, if the guard is released of who waits for it to come back',
    async check(condition) {
      const { mutex } = condition
      const held = await mutex.acquire()
      const waiting = reasonOf(condition.wait(held))
      const other = await mutex.acquire()
      condition.notify(other)

      held.release()
      other.release()

      expect(await waiting).toBeInstanceOf(TypeError)
      expect(mutex.locked).toBe(false)
    },
  },
  {
    title: 'does not take the mutex back for one that times out, if its guard was released',
    async check(condition) {
      const held = await condition.mutex.acquire()
      const waiting = reasonOf(condition.wait(held, { timeout: 1 }))

      held.release()

      expect(await waiting).toBeInstanceOf(TimeoutError)
      expect(condition.mutex.locked).toBe(false)
    },
  },
]

const waitingFor: readonly ConditionFact[] = [
  {
    title: 'waits for nothing that is so already',
    async check(condition) {
      const held = await condition.mutex.acquire()

      await expect(condition.waitFor(held, () => true)).resolves.toBeUndefined()
    },
  },
  {
    title: 'asks again after each notification',
    async check(condition) {
      let asked = 0
      const waiting = condition.waitFor(await condition.mutex.acquire(), () => asked++ === 2)

      await condition.mutex.run((held) => condition.notify(held))
      await until(() => asked === 2 && !condition.mutex.locked)
      await condition.mutex.run((held) => condition.notify(held))

      await expect(waiting).resolves.toBeUndefined()
    },
  },
  {
    title: 'rejects with what the predicate throws, and holds the mutex',
    async check(condition) {
      const held = await condition.mutex.acquire()
      const problem = new Error('on purpose')

      const waiting = condition.waitFor(held, () => {
        throw problem
      })

      expect(await reasonOf(waiting)).toBe(problem)
      expect(() => condition.notify(held)).not.toThrow()
    },
  },
  {
    title: 'says how long somebody was to wait for a predicate that did not come to hold',
    async check(condition) {
      const held = await condition.mutex.acquire()

      const error = await reasonOf(condition.waitFor(held, () => false, { timeout: 5 }))

      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ timeout: 5 })
    },
  },
  {
    title: 'asks once more when the time is over',
    async check(condition) {
      let asked = 0
      const held = await condition.mutex.acquire()

      await condition.waitFor(held, () => asked++ === 1, { timeout: 1 })

      expect(() => condition.notify(held)).not.toThrow()
    },
  },
]

const refusing: readonly ConditionFact[] = [
  {
    title: 'refuses who does not hold the mutex',
    async check(condition) {
      const held = await condition.mutex.acquire()
      held.release()

      expect(await reasonOf(condition.wait(held))).toBeInstanceOf(TypeError)
      expect(await reasonOf(condition.waitFor(held, () => true))).toBeInstanceOf(TypeError)
      expect(() => condition.notify(held)).toThrow(TypeError)
      expect(() => condition.notifyAll(held)).toThrow(TypeError)
    },
  },
  ...[
    [{ timeout: -1 }, RangeError] as const,
    [{ timeout: NaN }, RangeError] as const,
    [null, TypeError] as const,
    [500, TypeError] as const,
  ].map(([options, Problem]): ConditionFact => ({
    title: `refuses to wait with ${JSON.stringify(options)}, and keeps the mutex`,
    async check(condition) {
      const held = await condition.mutex.acquire()

      expect(await reasonOf(condition.wait(held, options as never))).toBeInstanceOf(Problem)
      const waiting = condition.waitFor(held, () => true, options as never)
      expect(await reasonOf(waiting)).toBeInstanceOf(Problem)
      expect(() => condition.notify(held)).not.toThrow()
    },
  })),
  ...[
    { kind: 'number', result: 1 },
    { kind: 'promise', result: Promise.resolve(false) },
  ].map(({ kind, result }): ConditionFact => ({
    title: `refuses a predicate that gives a ${kind}, and keeps the mutex`,
    async check(condition) {
      const held = await condition.mutex.acquire()

      const waiting = condition.waitFor(held, () => result as never)

      expect(await reasonOf(waiting)).toBeInstanceOf(TypeError)
      expect(() => condition.notify(held)).not.toThrow()
    },
  })),
  ...[-1, 1.5, NaN].map((count): ConditionFact => ({
    title: `refuses to notify ${count}`,
    async check(condition) {
      const held = await condition.mutex.acquire()

      expect(() => condition.notify(held, count)).toThrow(RangeError)
    },
  })),
]

/** What every condition promises. */
export const conditionFacts: readonly ConditionFact[] = [
  ...notifying,
  ...givingUp,
  ...releasing,
  ...waitingFor,
  ...refusing,
]
