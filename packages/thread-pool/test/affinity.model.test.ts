import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { workPool } from './fixtures/pools.ts'

const KEYS = 3

const keys = fc.nat(KEYS - 1)

const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('note' as const), key: keys, times: fc.nat(20) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('free' as const), times: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), key: keys }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('resize' as const), to: fc.constantFrom(1, 2, 3) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const), turns: fc.nat(20) }) },
)

type Step = typeof steps extends fc.Arbitrary<infer Each> ? Each : never

class Play {
  readonly #pool = workPool({ maxThreads: 2, interruption: { checkpointMs: 0, executionMs: 0 } })
  readonly #log = new Log()
  readonly #calls: Promise<unknown>[] = []
  #made = 0

  async step(step: Step): Promise<void> {
    if (step.do === 'note') for (let time = 0; time < step.times; time++) this.#note(step.key)
    else if (step.do === 'free') for (let time = 0; time < step.times; time++) this.#free()
    else if (step.do === 'kill') this.#kill(step.key)
    else if (step.do === 'resize') this.#watch(this.#pool.resize({ maxThreads: step.to }))
    else for (let turn = 0; turn < step.turns; turn++) await eventLoopTurn()
  }

  async end(): Promise<void> {
    await Promise.all(this.#calls)
    await this.#pool.close()
    const { entries } = this.#log
    expect(entries).toHaveLength(this.#made)
    for (let key = 0; key < KEYS; key++) {
      const ofKey = entries.filter((entry) => entry % KEYS === key)
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b))
    }
  }

  #note(affinity: number): void {
    const entry = this.#made++ * KEYS + affinity
    this.#calls.push(this.#pool.run('note', [this.#log.buffer, entry], { affinity }))
  }

  #free(): void {
    this.#calls.push(this.#pool.run('echo', [1]))
  }

  /** A call that never ends, and is ended with its thread. */
  #kill(affinity: number): void {
    const gate = new ThreadGate()
    this.#watch(this.#pool.run('hold', [gate.buffer], { affinity, timeout: 1 }))
  }

  #watch(promise: Promise<unknown>): void {
    this.#calls.push(promise.catch(() => {}))
  }
}

describe('affinity', () => {
  it('keeps the calls of each key in order, whatever becomes of the threads', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 1, maxLength: 15, size: 'max' }),
        async (script) => {
          const play = new Play()
          for (const step of script) await play.step(step)
          await play.end()
        },
      ),
      { numRuns: 15, endOnFailure: true },
    ))
})
