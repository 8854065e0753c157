import type { ThreadPool, WhenFull } from '@cupola/thread-pool'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/until.ts'
import { poolOf } from './fixtures/pools.ts'
import type * as Work from './fixtures/work.ts'

const QUEUE_CAPACITY = 3

const policies = fc.constantFrom<WhenFull>(
  'reject',
  'wait',
  'drop-oldest',
  'drop-newest',
  'caller-runs',
)

const calls = fc.record({
  do: fc.constant('run' as const),
  name: fc.constantFrom('echo' as const, 'holdAsync' as const),
  times: fc.integer({ min: 1, max: 8 }),
  priority: fc.integer({ min: -1, max: 1 }),
  affinity: fc.constantFrom(undefined, 'a', 'b'),
  isGivenUp: fc.boolean(),
})

const steps = fc.oneof(
  { weight: 5, arbitrary: calls },
  { weight: 1, arbitrary: fc.constant({ do: 'ready' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resize' as const), to: fc.constantFrom(1, 2) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const), turns: fc.nat(5) }) },
)

type Step = typeof steps extends fc.Arbitrary<infer Each> ? Each : never

class Play {
  readonly #pool: ThreadPool<typeof Work>
  readonly #isLimited: boolean
  readonly #open = new SharedArrayBuffer(8)
  readonly #outcomes: Promise<string>[] = []

  constructor(whenFull: WhenFull) {
    const url = new URL('./fixtures/work.ts', import.meta.url)
    // The fixture's threads of other runs are gone when the test ends.
    this.#pool = poolOf(url, { maxThreads: 2, queueCapacity: QUEUE_CAPACITY, whenFull })
    this.#isLimited = whenFull !== 'caller-runs'
    // The gate is open: who holds goes on after a turn of its thread.
    new Int32Array(this.#open)[1] = 1
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'run') for (let time = 0; time < step.times; time++) this.#run(step)
    else if (step.do === 'ready') void this.#watch(this.#pool.ready())
    else if (step.do === 'resize') void this.#watch(this.#pool.resize({ maxThreads: step.to }))
    else for (let turn = 0; turn < step.turns; turn++) await eventLoopTurn()
    const { queued, working } = this.#pool.stats()
    if (this.#isLimited) expect(queued + working).toBeLessThanOrEqual(QUEUE_CAPACITY + 2)
  }

  async end(): Promise<void> {
    await Promise.all(this.#outcomes)
    await this.#pool.close()
    const { completed, failed, cancelled, dropped, waiting, queued } = this.#pool.stats()
    const outcomes = await Promise.all(this.#outcomes)
    const count = (which: string) => outcomes.filter((each) => each === which).length
    expect({ waiting, queued, failed }).toEqual({ waiting: 0, queued: 0, failed: 0 })
    expect(completed).toBe(count('returned'))
    // What is refused was never accepted; what waits for a place and is given up neither.
    expect(dropped).toBeLessThanOrEqual(count('ERR_FULL'))
    expect(cancelled).toBeLessThanOrEqual(count('given up'))
    expect(count('other')).toBe(0)
  }

  #run({ name, priority, affinity, isGivenUp }: Step & { readonly do: 'run' }): void {
    const controller = new AbortController()
    const signal = isGivenUp ? controller.signal : undefined
    const options = { priority, affinity, signal }
    this.#outcomes.push(this.#outcomeOf(this.#pool.run(name, [this.#open], options)))
    if (isGivenUp) setImmediate(() => controller.abort('given up'))
  }

  async #outcomeOf(promise: Promise<unknown>): Promise<string> {
    return await promise.then(
      () => 'returned',
      (reason: unknown) => {
        if (reason === 'given up') return reason
        return reason instanceof Error && 'code' in reason ? String(reason.code) : 'other'
      },
    )
  }

  async #watch(promise: Promise<unknown>): Promise<void> {
    await promise.catch(() => {})
  }
}

describe('ThreadPool, when it is full', () => {
  it('settles every call once and never has more than its capacity, whatever the policy', () =>
    fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(steps, { minLength: 1, maxLength: 12 }),
        async (whenFull, script) => {
          const play = new Play(whenFull)
          for (const step of script) await play.step(step)
          await play.end()
        },
      ),
      { numRuns: 30, endOnFailure: true },
    ))
})
