import { Barrier } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn, Waiting } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const anyTimeout = fc.constantFrom(0, 2, 4, Infinity, Infinity, Infinity)
const atOnce = fc.boolean()

const anyStep = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), timeout: anyTimeout, atOnce }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('break', 'reset', 'reset', 'advance'), atOnce }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), call: fc.nat(), atOnce }),
  },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** A barrier beside an array of those who wait. */
class Barriers implements Pair<Step> {
  readonly #clock = new StepClock()
  readonly #barrier: Barrier
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  readonly #waiting = new Waiting<undefined>()
  readonly #parties: number
  #broken = false

  constructor(parties: number) {
    this.#parties = parties
    this.#barrier = new Barrier(parties, { clock: this.#clock })
  }

  take(step: Step): void {
    if (step.kind === 'wait') this.#wait(step.timeout)
    else if (step.kind === 'abort') this.#giveUp(this.#calls.abort(step.call), 'aborted')
    else this[step.kind]()
    expect(this.#barrier.stats()).toEqual({
      parties: this.#parties,
      waiting: this.#waiting.size,
      broken: this.#broken,
    })
    expect(this.#clock.pending).toBe(this.#waiting.limited)
  }

  async finish(): Promise<void> {
    this.reset()
    await eventLoopTurn()
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  break(): void {
    this.#barrier.abort()
    this.#refuseAll()
  }

  reset(): void {
    this.#barrier.reset()
    this.#refuseAll()
    this.#broken = false
  }

  advance(): void {
    this.#clock.advance(1)
    const [first] = this.#waiting.expired(this.#clock.now())
    this.#giveUp(first, 'ERR_TIMEOUT')
  }

  #wait(timeout: number): void {
    const { next } = this.#calls
    this.#calls.begin(timeout, (options) => this.#barrier.wait(options), String)
    if (this.#broken) return void this.#outcomes.set(next, 'ERR_BROKEN')
    const isLast = this.#waiting.size === this.#parties - 1
    if (timeout === 0 && !isLast) return void this.#outcomes.set(next, 'ERR_TIMEOUT')
    this.#waiting.enter(next, this.#clock.now() + timeout, undefined)
    if (!isLast) return
    for (const [index, { id }] of this.#waiting.all.entries()) this.#end(id, String(index))
  }

  /** One for all. */
  #giveUp(id: number | undefined, outcome: string): void {
    if (id === undefined || !this.#end(id, outcome)) return
    this.#refuseAll()
  }

  #refuseAll(): void {
    this.#broken = true
    for (const { id } of this.#waiting.all) this.#end(id, 'ERR_BROKEN')
  }

  #end(id: number, outcome: string): boolean {
    const wasHere = this.#waiting.leave(id)
    if (wasHere) this.#outcomes.set(id, outcome)
    return wasHere
  }
}

describe('Barrier', () => {
  it.each([1, 2, 3])('lets %s go together or nobody', (parties) =>
    fc.assert(
      interleavings(anyStep, () => new Barriers(parties)),
      { numRuns: 150 },
    ),
  )
})
