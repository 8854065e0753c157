import { AsyncEvent, Latch } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn, Waiting } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const anyTimeout = fc.constantFrom(0, 1, 2, Infinity, Infinity)
const atOnce = fc.boolean()

const anyStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), timeout: anyTimeout, atOnce }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('open', 'shut', 'advance'), atOnce }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), call: fc.nat(), atOnce }),
  },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** Something that is open or not, beside a flag and an array. */
abstract class Gates implements Pair<Step> {
  protected readonly clock = new StepClock()
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  readonly #waiting = new Waiting<undefined>()

  take(step: Step): void {
    if (step.kind === 'wait') this.#wait(step.timeout)
    else if (step.kind === 'abort') this.#abort(step.call)
    else if (step.kind === 'advance') this.#advance()
    else this[step.kind]()
    if (this.isOpen) this.#end(this.#waiting.all, 'went well')
    expect(this.stats()).toEqual([this.isOpen, this.#waiting.size])
    expect(this.clock.pending).toBe(this.#waiting.limited)
  }

  async finish(): Promise<void> {
    this.openForGood()
    this.#end(this.#waiting.all, 'went well')
    await eventLoopTurn()
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    expect([this.clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  abstract isOpen: boolean
  abstract open(): void
  abstract shut(): void
  abstract openForGood(): void
  abstract wait(options: object): Promise<void>
  abstract stats(): [isOpen: boolean, waiting: number]

  #wait(timeout: number): void {
    const { next } = this.#calls
    this.#calls.begin(timeout, (options) => this.wait(options))
    this.#waiting.enter(next, this.clock.now() + timeout, undefined)
    if (timeout === 0 && !this.isOpen) this.#end([{ id: next }], 'ERR_TIMEOUT')
  }

  #abort(choice: number): void {
    const id = this.#calls.abort(choice)
    if (id !== undefined) this.#end([{ id }], 'aborted')
  }

  #advance(): void {
    this.clock.advance(1)
    this.#end(
      this.#waiting.expired(this.clock.now()).map((id) => ({ id })),
      'ERR_TIMEOUT',
    )
  }

  #end(calls: readonly { readonly id: number }[], outcome: string): void {
    for (const { id } of calls) if (this.#waiting.leave(id)) this.#outcomes.set(id, outcome)
  }
}

class Events extends Gates {
  isOpen = false
  readonly #event = new AsyncEvent({ clock: this.clock })

  open(): void {
    this.#event.set()
    this.isOpen = true
  }

  shut(): void {
    this.#event.clear()
    this.isOpen = false
  }

  openForGood(): void {
    this.open()
  }

  wait(options: object): Promise<void> {
    return this.#event.wait(options)
  }

  stats(): [boolean, number] {
    const { isSet, waiting } = this.#event.stats()
    return [isSet, waiting]
  }
}

class Latches extends Gates {
  #remaining = 4
  readonly #latch = new Latch(4, { clock: this.clock })

  get isOpen(): boolean {
    return this.#remaining <= 0
  }

  open(): void {
    this.#latch.countDown()
    this.#remaining--
  }

  shut(): void {
    this.#latch.countDown(2)
    this.#remaining -= 2
  }

  openForGood(): void {
    this.#latch.countDown(4)
  }

  wait(options: object): Promise<void> {
    return this.#latch.wait(options)
  }

  stats(): [boolean, number] {
    const { remaining, waiting } = this.#latch.stats()
    return [remaining === 0, waiting]
  }
}

describe('AsyncEvent', () => {
  it('lets go who waits while it is set, or when it is, and nobody else', () =>
    fc.assert(
      interleavings(anyStep, () => new Events()),
      { numRuns: 200 },
    ))
})

describe('Latch', () => {
  it('lets nobody go before it is at 0, and everybody then', () =>
    fc.assert(
      interleavings(anyStep, () => new Latches()),
      { numRuns: 200 },
    ))
})
