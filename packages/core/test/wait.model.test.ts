import { getEventListeners } from 'node:events'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turnstile } from './fixtures/turnstile.ts'

const LIMIT = 3

type Fate = 'waiting' | 'inside' | 'left' | 'timed out' | 'aborted' | 'sent away'

/** A group of visitors as the model knows it, and the settlements that were seen of its wait. */
interface Group {
  readonly visitors: number
  readonly due: number
  readonly controller: AbortController
  readonly seen: Fate[]
  fate: Fate
}

const sentAway = new Error('sent away')

/** The turnstile beside an array that says what should have become of everybody. */
class Model {
  readonly clock = new VirtualClock()
  readonly turnstile = new Turnstile(LIMIT, this.clock)
  readonly groups: Group[] = []

  enter(visitors: number, timeout: number): void {
    const controller = new AbortController()
    const due = this.clock.now() + timeout
    const group: Group = { visitors, due, controller, seen: [], fate: 'waiting' }
    const options = { timeout, signal: controller.signal }
    this.turnstile.enter(visitors, options).then(
      () => group.seen.push('inside'),
      (reason: unknown) => group.seen.push(fateBy(reason)),
    )
    this.groups.push(group)
    this.#admit()
    if (timeout === 0 && group.fate === 'waiting') group.fate = 'timed out'
  }

  leave(index: number): void {
    const group = this.#pick('inside', index)
    if (group === undefined) return
    group.fate = 'left'
    this.turnstile.leave(group.visitors)
    this.#admit()
  }

  abort(index: number): void {
    const group = this.groups[index % this.groups.length]
    group?.controller.abort('aborted')
    if (group?.fate === 'waiting') group.fate = 'aborted'
    this.#admit()
  }

  sendAway(): void {
    const first = this.#pick('waiting', 0)
    this.turnstile.sendAwayFirst(sentAway)
    if (first !== undefined) first.fate = 'sent away'
    this.#admit()
  }

  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    const byDue = this.groups.toSorted((one, other) => one.due - other.due)
    for (const group of byDue) {
      if (group.due > end || group.fate !== 'waiting') continue
      group.fate = 'timed out'
      this.#admit()
    }
    await this.clock.advance(ms)
  }

  /** Whether the turnstile is as the model says, once every promise has told. */
  async check(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const waiting = this.#all('waiting')
    for (const { fate, seen } of this.groups) {
      expect(seen).toEqual(fate === 'waiting' ? [] : [fate === 'left' ? 'inside' : fate])
    }
    expect(this.turnstile.free).toBe(LIMIT - this.#inside())
    expect(this.turnstile.free).toBeGreaterThanOrEqual(0)
    expect([...this.turnstile.queue].map((waiter) => waiter.detail)).toEqual(
      waiting.map((group) => group.visitors),
    )
    expect(this.clock.pending).toBe(waiting.filter((group) => group.due !== Infinity).length)
    for (const { controller, fate } of this.groups) {
      const listeners = getEventListeners(controller.signal, 'abort').length
      expect(listeners).toBe(fate === 'waiting' ? 1 : 0)
    }
  }

  /** Lets everybody in and out. */
  async finish(): Promise<void> {
    while (this.#all('inside').length > 0) this.leave(0)
    await this.check()
    expect([this.turnstile.free, this.turnstile.queue.size, this.clock.pending]).toEqual([
      LIMIT,
      0,
      0,
    ])
  }

  /** First come, first served: nobody overtakes, not even a small group a large one. */
  #admit(): void {
    for (const group of this.#all('waiting')) {
      if (this.#inside() + group.visitors > LIMIT) return
      group.fate = 'inside'
    }
  }

  #inside(): number {
    return this.#all('inside').reduce((sum, group) => sum + group.visitors, 0)
  }

  #all(fate: Fate): Group[] {
    return this.groups.filter((group) => group.fate === fate)
  }

  #pick(fate: Fate, index: number): Group | undefined {
    const candidates = this.#all(fate)
    return candidates[index % candidates.length]
  }
}

const action = fc.oneof(
  fc.record({
    kind: fc.constant('enter' as const),
    visitors: fc.integer({ min: 1, max: LIMIT }),
    timeout: fc.constantFrom(0, 1, 3, 10, Infinity),
  }),
  fc.record({ kind: fc.constantFrom('leave', 'abort'), index: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('send away' as const) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 5 }) }),
  // Without it, the next action comes before the promises have told of this one.
  fc.record({ kind: fc.constant('check' as const) }),
)

describe('a turnstile built on wait()', () => {
  it('settles every wait once, in order, within its limit, and leaves nothing behind', () =>
    fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async (actions) => {
        const model = new Model()

        for (const step of actions) {
          if (step.kind === 'enter') model.enter(step.visitors, step.timeout)
          else if (step.kind === 'send away') model.sendAway()
          else if (step.kind === 'advance') await model.advance(step.ms)
          else if (step.kind === 'check') await model.check()
          else model[step.kind](step.index)
        }

        await model.finish()
      }),
      { numRuns: 200 },
    ))
})

function fateBy(reason: unknown): Fate {
  if (reason === sentAway) return 'sent away'
  return reason instanceof TimeoutError ? 'timed out' : 'aborted'
}
