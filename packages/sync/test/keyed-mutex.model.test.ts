import { type Guard, KeyedMutex } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const anyKeys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 })
const anyTimeout = fc.constantFrom(0, 1, 2, Infinity, Infinity)
const anyChoice = fc.nat()
const atOnce = fc.boolean()

const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      keys: anyKeys,
      timeout: anyTimeout,
      atOnce,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tryAcquire' as const), keys: anyKeys, atOnce }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('release', 'release', 'abort'),
      choice: anyChoice,
      atOnce,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), atOnce }) },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** Somebody who holds keys or waits for them. */
interface Asker {
  readonly id: number
  readonly keys: readonly string[]
  readonly expires: number
  holds: boolean
}

/** The number of somebody who did not wait. */
const NOBODY = -1

/**
 * A keyed mutex beside one line of all who hold or wait: whoever shares no key with anybody before him
 * holds his keys.
 */
class KeyedMutexes implements Pair<Step> {
  readonly #clock = new StepClock()
  readonly #mutex = new KeyedMutex<string>({ clock: this.#clock })
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  #line: Asker[] = []
  /** Guards that have reached those who asked for them. */
  readonly #guards: { readonly guard: Guard; readonly asker: Asker }[] = []

  take(step: Step): void {
    if (step.kind === 'acquire') this.#acquire(step.keys, step.timeout)
    else if (step.kind === 'tryAcquire') this.#tryAcquire(step.keys)
    else if (step.kind === 'advance') this.#advance()
    else if (step.kind === 'abort') this.#abort(step.choice)
    else this.#release(step.choice)
    this.#grant()
    const waiting = this.#line.filter(({ holds }) => !holds)
    expect(this.#mutex.stats()).toEqual({
      keys: new Set(this.#line.flatMap(({ keys }) => keys)).size,
      held: this.#line.length - waiting.length,
      waiting: waiting.length,
    })
    expect(this.#clock.pending).toBe(waiting.filter(({ expires }) => expires !== Infinity).length)
  }

  async finish(): Promise<void> {
    await eventLoopTurn()
    while (this.#guards.length > 0) {
      this.#release(0)
      this.#grant()
      await eventLoopTurn()
    }
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    expect(this.#mutex.stats()).toEqual({ keys: 0, held: 0, waiting: 0 })
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  #acquire(keys: readonly string[], timeout: number): void {
    const asker = { id: this.#calls.next, keys, expires: this.#clock.now() + timeout, holds: false }
    const only = keys.length === 1 ? keys[0] : undefined
    this.#calls.begin(
      timeout,
      (options) =>
        only === undefined
          ? this.#mutex.acquireAll(keys, options)
          : this.#mutex.acquire(only, options),
      (guard) => {
        this.#guards.push({ guard, asker })
        return 'granted'
      },
    )
    this.#line.push(asker)
    this.#grant()
    if (timeout === 0) this.#giveUp(asker.id, 'ERR_TIMEOUT')
  }

  #tryAcquire(keys: readonly string[]): void {
    const guard = this.#mutex.tryAcquireAll(keys)
    const taken = new Set(this.#line.flatMap((asker) => asker.keys))
    expect(guard !== undefined).toBe(keys.every((key) => !taken.has(key)))
    if (guard === undefined) return
    const asker = { id: NOBODY, keys, expires: Infinity, holds: true }
    this.#guards.push({ guard, asker })
    this.#line.push(asker)
  }

  /** Twice, as the second time must do nothing. */
  #release(choice: number): void {
    const [chosen] = this.#guards.splice(choice % (this.#guards.length || 1), 1)
    chosen?.guard.release()
    chosen?.guard.release()
    this.#line = this.#line.filter((asker) => asker !== chosen?.asker)
  }

  #abort(choice: number): void {
    const id = this.#calls.abort(choice)
    if (id !== undefined) this.#giveUp(id, 'aborted')
  }

  #advance(): void {
    this.#clock.advance(1)
    for (const { id, expires } of this.#line) {
      if (expires <= this.#clock.now()) {
        this.#giveUp(id, 'ERR_TIMEOUT')
        this.#grant()
      }
    }
  }

  #grant(): void {
    for (const [index, asker] of this.#line.entries()) {
      const before = new Set(this.#line.slice(0, index).flatMap(({ keys }) => keys))
      if (asker.holds || asker.keys.some((key) => before.has(key))) continue
      asker.holds = true
      this.#outcomes.set(asker.id, 'granted')
    }
  }

  #giveUp(id: number, outcome: string): void {
    const asker = this.#line.find((one) => one.id === id && !one.holds)
    if (asker === undefined) return
    this.#line = this.#line.filter((one) => one !== asker)
    this.#outcomes.set(id, outcome)
  }
}

describe('KeyedMutex', () => {
  it('lets hold their keys exactly those who share none with anybody before them', () =>
    fc.assert(
      interleavings(anyStep, () => new KeyedMutexes()),
      { numRuns: 300 },
    ))
})
