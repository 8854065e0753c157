import { Condition, Mutex, type MutexGuard } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn, Waiting } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const anyTimeout = fc.constantFrom(0, 1, 2, Infinity, Infinity)
const anyChoice = fc.nat()
const atOnce = fc.boolean()

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('acquire', 'wait'), timeout: anyTimeout, atOnce }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('release', 'release', 'advance', 'notifyAll'),
      atOnce,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('notify', 'notify', 'abort'),
      choice: anyChoice,
      atOnce,
    }),
  },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** Somebody who waits for the mutex. */
interface Coming {
  /** What his call comes to once he has it. */
  readonly outcome: string
  /** He has waited for a notice, and cannot give up any more. */
  readonly isBack: boolean
}

/** A condition and its mutex beside two arrays: who waits for the mutex, and who for a notice. */
class Conditions implements Pair<Step> {
  readonly #clock = new StepClock()
  readonly #mutex = new Mutex({ clock: this.#clock })
  readonly #condition = new Condition(this.#mutex, { clock: this.#clock })
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  readonly #forMutex = new Waiting<Coming>()
  readonly #forNotice = new Waiting<undefined>()
  #locked = false
  /** The guard of who holds the mutex, once it has reached him. */
  #guard: MutexGuard | undefined

  take(step: Step): void {
    if ('timeout' in step) this[step.kind](step.timeout)
    else if ('choice' in step) this[step.kind](step.choice)
    else this[step.kind]()
    expect(this.#condition.stats()).toEqual({ locked: this.#locked, waiting: this.#forNotice.size })
    expect(this.#mutex.stats()).toEqual({ locked: this.#locked, waiting: this.#forMutex.size })
    expect(this.#clock.pending).toBe(this.#forMutex.limited + this.#forNotice.limited)
  }

  async finish(): Promise<void> {
    await eventLoopTurn()
    while (this.#guard !== undefined || this.#forNotice.size > 0) {
      this.#ensureHeld()
      this.notifyAll()
      this.release()
      await eventLoopTurn()
    }
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    expect(this.#mutex.stats()).toEqual({ locked: false, waiting: 0 })
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  acquire(timeout: number): void {
    const { next } = this.#calls
    this.#calls.begin(
      timeout,
      (options) => this.#mutex.acquire(options),
      (guard) => {
        this.#guard = guard
        return 'granted'
      },
    )
    if (this.#locked && timeout === 0) this.#outcomes.set(next, 'ERR_TIMEOUT')
    else this.#come(next, this.#clock.now() + timeout, { outcome: 'granted', isBack: false })
  }

  wait(timeout: number): void {
    const guard = this.#guard
    if (guard === undefined) return
    const { next } = this.#calls
    this.#calls.begin(
      timeout,
      (options) =>
        this.#condition.wait(guard, options).finally(() => {
          if (timeout > 0) this.#guard = guard
        }),
      () => 'notified',
    )
    if (timeout === 0) {
      this.#outcomes.set(next, 'ERR_TIMEOUT')
    } else {
      this.#forNotice.enter(next, this.#clock.now() + timeout, undefined)
      this.#free()
    }
  }

  release(): void {
    const guard = this.#guard
    if (guard === undefined) return
    guard.release()
    guard.release()
    this.#free()
  }

  notify(choice: number): void {
    if (this.#guard === undefined) return
    const count = choice % 3
    this.#condition.notify(this.#guard, count)
    for (let left = count; left > 0; left--) this.#comeBack(this.#forNotice.first?.id, 'notified')
  }

  notifyAll(): void {
    if (this.#guard === undefined) return
    this.#condition.notifyAll(this.#guard)
    for (const { id } of this.#forNotice.all) this.#comeBack(id, 'notified')
  }

  abort(choice: number): void {
    const id = this.#calls.abort(choice)
    if (id !== undefined) this.#giveUp(id, 'aborted')
  }

  advance(): void {
    this.#clock.advance(1)
    const now = this.#clock.now()
    const expired = [...this.#forMutex.expired(now), ...this.#forNotice.expired(now)]
    for (const id of expired) this.#giveUp(id, 'ERR_TIMEOUT')
  }

  #ensureHeld(): void {
    if (this.#guard !== undefined) return
    this.#guard = this.#mutex.tryAcquire()
    this.#locked = true
  }

  #come(id: number, expires: number, coming: Coming): void {
    this.#forMutex.enter(id, expires, coming)
    if (!this.#locked) this.#grant()
  }

  #comeBack(id: number | undefined, outcome: string): void {
    if (id === undefined || !this.#forNotice.leave(id)) return
    this.#come(id, Infinity, { outcome, isBack: true })
  }

  #giveUp(id: number, outcome: string): void {
    const coming = this.#forMutex.all.find((one) => one.id === id)
    if (coming === undefined) {
      this.#comeBack(id, outcome)
    } else if (!coming.detail.isBack) {
      this.#forMutex.leave(id)
      this.#outcomes.set(id, outcome)
    }
  }

  #free(): void {
    this.#guard = undefined
    this.#locked = false
    this.#grant()
  }

  #grant(): void {
    const { first } = this.#forMutex
    if (first === undefined) return
    this.#locked = true
    this.#forMutex.leave(first.id)
    this.#outcomes.set(first.id, first.detail.outcome)
  }
}

describe('Condition', () => {
  it('wakes who has waited longest, each with the mutex, and nobody for nothing', () =>
    fc.assert(
      interleavings(anyStep, () => new Conditions()),
      { numRuns: 400 },
    ))
})
