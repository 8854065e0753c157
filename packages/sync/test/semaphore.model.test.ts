import { type Guard, Semaphore } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn, Waiting } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const anyWeight = fc.integer({ min: 1, max: 4 })
const anyTimeout = fc.constantFrom(0, 1, 2, Infinity, Infinity)
const anyChoice = fc.nat()
const atOnce = fc.boolean()

const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      weight: anyWeight,
      timeout: anyTimeout,
      atOnce,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('tryAcquire' as const), weight: anyWeight, atOnce }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('release', 'release', 'abort'),
      choice: anyChoice,
      atOnce,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), weight: anyWeight, atOnce }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), atOnce }) },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** A semaphore beside a sum over an array of those who hold permits. */
class Semaphores implements Pair<Step> {
  readonly #clock = new StepClock()
  readonly #semaphore = new Semaphore(3, { clock: this.#clock })
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  /** By the number of their call; those of `tryAcquire` have none. */
  readonly #waiting = new Waiting<number>()
  /** Guards that have reached those who asked for them, and what they weigh. */
  readonly #guards: { readonly guard: Guard; readonly weight: number }[] = []
  #permits = 3
  #held = 0

  take(step: Step): void {
    if (step.kind === 'acquire') this.#acquire(step.weight, step.timeout)
    else if (step.kind === 'tryAcquire') this.#tryAcquire(step.weight)
    else if (step.kind === 'resize') this.#resize(step.weight)
    else if (step.kind === 'advance') this.#advance()
    else if (step.kind === 'abort') this.#abort(step.choice)
    else this.#release(step.choice)
    this.#admit()
    expect(this.#semaphore.stats()).toEqual({
      permits: this.#permits,
      available: this.#permits - this.#held,
      held: this.#held,
      waiting: this.#waiting.size,
    })
    expect(this.#clock.pending).toBe(this.#waiting.limited)
  }

  async finish(): Promise<void> {
    await eventLoopTurn()
    while (this.#guards.length > 0) {
      this.#release(0)
      this.#admit()
      await eventLoopTurn()
    }
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    expect(this.#semaphore.stats()).toMatchObject({ held: 0, waiting: 0 })
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  #acquire(weight: number, timeout: number): void {
    const { next } = this.#calls
    this.#calls.begin(
      timeout,
      (options) => this.#semaphore.acquire({ ...options, weight }),
      (guard) => {
        this.#guards.push({ guard, weight })
        return 'granted'
      },
    )
    if (weight > this.#permits) this.#outcomes.set(next, tooHeavy(weight, this.#permits))
    else this.#waiting.enter(next, this.#clock.now() + timeout, weight)
    this.#admit()
    if (timeout === 0) this.#end(next, 'ERR_TIMEOUT')
  }

  #tryAcquire(weight: number): void {
    if (weight > this.#permits) {
      expect(() => this.#semaphore.tryAcquire({ weight })).toThrow(RangeError)
      return
    }
    const guard = this.#semaphore.tryAcquire({ weight })
    expect(guard !== undefined).toBe(this.#waiting.size === 0 && this.#fits(weight))
    if (guard === undefined) return
    this.#guards.push({ guard, weight })
    this.#held += weight
  }

  /** Twice, as the second time must do nothing. */
  #release(choice: number): void {
    const [chosen] = this.#guards.splice(choice % (this.#guards.length || 1), 1)
    chosen?.guard.release()
    chosen?.guard.release()
    this.#held -= chosen?.weight ?? 0
  }

  #resize(permits: number): void {
    this.#semaphore.resize(permits)
    this.#permits = permits
    for (const { id, detail } of this.#waiting.all) {
      if (detail > permits) this.#end(id, tooHeavy(detail, permits))
    }
  }

  #abort(choice: number): void {
    const id = this.#calls.abort(choice)
    if (id !== undefined) this.#end(id, 'aborted')
  }

  #advance(): void {
    this.#clock.advance(1)
    for (const id of this.#waiting.expired(this.#clock.now())) {
      this.#end(id, 'ERR_TIMEOUT')
      this.#admit()
    }
  }

  /** First come, first served: nobody overtakes, however light. */
  #admit(): void {
    let { first } = this.#waiting
    while (first !== undefined && this.#fits(first.detail)) {
      this.#held += first.detail
      this.#end(first.id, 'granted')
      first = this.#waiting.first
    }
  }

  #fits(weight: number): boolean {
    return this.#held + weight <= this.#permits
  }

  #end(id: number, outcome: string): void {
    if (this.#waiting.leave(id)) this.#outcomes.set(id, outcome)
  }
}

function tooHeavy(weight: number, permits: number): string {
  return `RangeError: Cannot use weight: got ${weight}, expected at most ${permits} permits`
}

describe('Semaphore', () => {
  it('grants by turn, never more than there are, and takes back each permit once', () =>
    fc.assert(
      interleavings(anyStep, () => new Semaphores()),
      { numRuns: 300 },
    ))
})
