import type { ThreadPool, TerminateReport } from '@cupola/thread-pool'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { DEADLY, type Ending, MILD, runFault } from './fixtures/faults.ts'
import type * as Faulty from './fixtures/faulty.ts'
import { poolOf } from './fixtures/pools.ts'

const sizes = fc.constantFrom(
  { minThreads: 0, maxThreads: 1 },
  { minThreads: 1, maxThreads: 2 },
  { minThreads: 2, maxThreads: 3 },
)

const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      kind: fc.constantFrom(...MILD),
      times: fc.constantFrom(1, 3, 70),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      kind: fc.constantFrom(...DEADLY),
      times: fc.constant(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resize' as const), size: sizes }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const), turns: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'drain' as const }) },
)

const finales = fc.constantFrom('close' as const, 'terminate' as const, 'close, terminate' as const)

/** A script, played on a real pool, and what has to be so of every call and of the whole. */
class Play {
  readonly #pool: ThreadPool<typeof Faulty>
  readonly #over = { reason: 'the play is over' }
  readonly #calls: Promise<Ending>[] = []
  #exits = 0
  #open = 0

  constructor() {
    this.#pool = poolOf<typeof Faulty>(new URL('./fixtures/faulty.ts', import.meta.url), {
      maxThreads: 2,
    })
    this.#pool.on('threadExit', () => this.#exits++)
  }

  async step(step: typeof steps extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
    if (step.do === 'run') for (let time = 0; time < step.times; time++) this.#run(step.kind)
    else if (step.do === 'resize') this.#pool.resize(step.size).catch(() => {})
    else if (step.do === 'turn') for (let turn = 0; turn < step.turns; turn++) await eventLoopTurn()
    else await until(() => this.#open === 0)
    this.#check()
  }

  async end(how: 'close' | 'terminate' | 'close, terminate'): Promise<void> {
    const closed = how === 'terminate' ? undefined : this.#pool.close()
    const report = how === 'close' ? undefined : await this.#pool.terminate(this.#over)
    await closed
    const endings = await Promise.all(this.#calls)
    expect(endings.filter(({ isRight }) => !isRight)).toEqual([])
    this.#checkEnd(report)
  }

  #run(kind: (typeof MILD)[number] | (typeof DEADLY)[number]): void {
    this.#open++
    const call = runFault(this.#pool, kind, this.#calls.length, this.#over)
    this.#calls.push(call.finally(() => this.#open--))
  }

  /** At any moment. */
  #check(): void {
    const { threads, starting, working, idle, queued, started } = this.#pool.stats()
    expect(threads).toBe(starting + working + idle)
    expect(started).toBe(this.#exits + threads)
    expect(queued).toBeGreaterThanOrEqual(0)
    expect(queued + working).toBeLessThanOrEqual(this.#calls.length)
  }

  /** When everything has ended. */
  #checkEnd(report: TerminateReport | undefined): void {
    const { completed, failed, cancelled, started, threads, queued, lost } = this.#pool.stats()
    expect(completed + failed + cancelled).toBe(this.#calls.length)
    expect({ threads, queued, lost }).toEqual({ threads: 0, queued: 0, lost: 0 })
    expect(started).toBe(this.#exits)
    expect(liveThreads()).toBe(0)
    const handedBack = report === undefined ? 0 : report.unbegun.length + report.interrupted
    expect(handedBack).toBeLessThanOrEqual(cancelled)
  }
}

describe('ThreadPool', () => {
  it('settles every call as it has to, and leaves nothing behind, whatever the script', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 1, maxLength: 12 }),
        finales,
        async (script, finale) => {
          const play = new Play()
          for (const step of script) await play.step(step)
          await play.end(finale)
        },
      ),
      { numRuns: 40, endOnFailure: true },
    ))
})
