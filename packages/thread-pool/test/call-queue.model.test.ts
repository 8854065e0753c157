import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call } from '@cupola/interruptible-worker/authoring'
import { CallQueue, Ranking } from '../src/call-queue.ts'
import { Calls } from './fixtures/calls.ts'

const AGEING_MS = 10

const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      priority: fc.integer({ min: -1, max: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5, 10) }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'take' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('return' as const), which: fc.nat(2) }) },
)

/** An array that is searched for the best, with the priority that each call has come to have. */
class SlowQueue {
  readonly calls: Call[] = []

  first(nowMs: number): Call | undefined {
    return this.inOrder(nowMs)[0]
  }

  inOrder(nowMs: number): Call[] {
    // In fractions of `AGEING_MS`: nothing is rounded.
    const rank = (call: Call) => call.request.priority * AGEING_MS + (nowMs - call.queuedAt)
    return this.calls.toSorted((a, b) => rank(b) - rank(a) || a.place - b.place)
  }

  remove(call: Call): void {
    this.calls.splice(this.calls.indexOf(call), 1)
  }
}

class Play {
  readonly #calls: Calls
  readonly #queue = new CallQueue(new Ranking(AGEING_MS))
  readonly #model = new SlowQueue()
  readonly #taken: Call[] = []
  #nowMs = 0

  constructor(calls: Calls) {
    this.#calls = calls
  }

  step(step: typeof steps extends fc.Arbitrary<infer Step> ? Step : never): void {
    if (step.do === 'add') this.#add(this.#calls.make({ priority: step.priority }, this.#nowMs))
    else if (step.do === 'pass') this.#nowMs += step.ms
    else if (step.do === 'take') this.#take()
    else if (step.do === 'cancel') this.#remove(this.#model.calls[step.which])
    else for (const call of this.#taken.splice(step.which % this.#taken.length, 1)) this.#add(call)
    this.#check()
  }

  #add(call: Call): void {
    this.#queue.add(call)
    this.#model.calls.push(call)
  }

  #take(): void {
    const call = this.#queue.first
    expect(call).toBe(this.#model.first(this.#nowMs))
    this.#remove(call)
    if (call !== undefined) this.#taken.push(call)
  }

  #remove(call: Call | undefined): void {
    if (call === undefined) return
    expect(this.#queue.remove(call)).toBe(true)
    expect(this.#queue.remove(call)).toBe(false)
    this.#model.remove(call)
  }

  #check(): void {
    const places = placesOf(this.#model.calls)
    expect(placesOf(this.#queue)).toEqual(placesOf(this.#model.inOrder(this.#nowMs)))
    expect(this.#queue.size).toBe(places.length)
    expect(this.#queue.oldest?.place ?? Infinity).toBe(Math.min(...places))
    expect(this.#queue.newest?.place ?? -Infinity).toBe(Math.max(...places))
  }
}

function placesOf(calls: Iterable<Call>): number[] {
  return Array.from(calls, (call) => call.place)
}

describe('CallQueue', () => {
  it('has its calls in the order of priorities that grow with time, whatever happens', () =>
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (script) => {
        using calls = new Calls()
        const play = new Play(calls)
        for (const step of script) play.step(step)
      }),
      { numRuns: 200 },
    ))
})
