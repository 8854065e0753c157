import { getEventListeners } from 'node:events'
import { type Pipeline, pipeline, type StageContext } from '@cupola/pipeline'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/failure-of.ts'

/** One stage of a random pipeline over numbers. */
interface StagePlan {
  readonly kind: 'map' | 'filter' | 'tap'
  /** Items whose calls return at once; the others wait for the scheduler. */
  readonly plain: readonly number[]
  readonly concurrency: number
  readonly ordered: boolean
  /** The item whose call fails. */
  readonly failsAt: number | undefined
}

interface Plan {
  readonly length: number
  readonly slowSource: boolean
  readonly stages: readonly StagePlan[]
  readonly batch: number
  readonly aborts: boolean
  /** After so many batches the iteration is left. */
  readonly leavesAfter: number
}

const failure = new Error('bad item')
const reason = new Error('aborted')

const rarely = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 1, nil: undefined })

const plans: fc.Arbitrary<Plan> = fc.record({
  length: fc.nat(16),
  slowSource: fc.boolean(),
  stages: fc.array(
    fc.record({
      kind: fc.constantFrom<StagePlan['kind'][]>('map', 'filter', 'tap'),
      plain: fc.uniqueArray(fc.nat(15)),
      concurrency: fc.integer({ min: 1, max: 4 }),
      ordered: fc.boolean(),
      failsAt: rarely(fc.nat(60)),
    }),
    { maxLength: 4 },
  ),
  batch: fc.integer({ min: 1, max: 3 }),
  aborts: fc.boolean(),
  leavesAfter: fc.integer({ min: 1, max: 30 }),
})

/** Every third item falls at a filter. */
const passes = (n: number) => n % 3 !== 1

/** What a plan gives if nothing ends it early: the obvious way. */
function expectedOf({ length, stages, batch }: Plan): number[][] {
  const numbers = Array.from({ length }, (_, n) => n)
  const left = stages.some(({ kind }) => kind === 'filter') ? numbers.filter(passes) : numbers
  const batches = Math.ceil(left.length / batch)
  return Array.from({ length: batches }, (_, n) => left.slice(n * batch, (n + 1) * batch))
}

/** Runs a plan, and holds the pipeline to what must be so at every moment. */
class Trial {
  readonly controller = new AbortController()
  readonly results: number[][] = []
  failed = false
  left = false
  sourceEnded = false
  returnsBegun = 0
  returnsEnded = 0
  /** Calls in flight at all stages. */
  inFlight = 0
  #read = 0
  #dropped = 0
  readonly #scheduler: fc.Scheduler
  readonly #plan: Plan

  constructor(scheduler: fc.Scheduler, plan: Plan) {
    this.#scheduler = scheduler
    this.#plan = plan
  }

  async run(): Promise<void> {
    const { aborts, batch, leavesAfter } = this.#plan
    const { signal } = this.controller
    if (aborts) void this.#delay('abort').then(() => this.controller.abort(reason))
    for await (const numbers of this.#build().batch({ size: batch }).iterate({ signal })) {
      this.results.push(numbers)
      this.left = this.results.length === leavesAfter
      if (this.left) break
    }
  }

  #build(): Pipeline<number> {
    const { slowSource, stages } = this.#plan
    const start = slowSource ? pipeline(this.#slowSource()) : pipeline(this.#plainSource())
    return stages.reduce((numbers, stage) => {
      const fn = this.#functionOf(stage)
      if (stage.kind !== 'filter') return numbers[stage.kind](fn, stage)
      return numbers.filter((n, context) => mapped(fn(n, context), this.#keep), stage)
    }, start)
  }

  #functionOf(stage: StagePlan): (n: number, context: StageContext) => number | Promise<number> {
    const called = new Set<number>()
    let inFlight = 0
    const finish = (n: number) => {
      this.failed ||= n === stage.failsAt
      if (n === stage.failsAt) throw failure
      return n
    }
    return (n, { signal }) => {
      expect(signal.aborted, 'nothing is begun after the end').toBe(false)
      expect(called.has(n), 'an item comes once').toBe(false)
      called.add(n)
      if (stage.plain.includes(n)) return finish(n)
      expect(++inFlight, 'concurrency').toBeLessThanOrEqual(stage.concurrency)
      this.inFlight++
      return this.#delay(`${stage.kind} ${n}`).then(() => {
        inFlight--
        this.inFlight--
        return finish(n)
      })
    }
  }

  readonly #keep = (n: number): boolean => {
    if (!passes(n)) this.#dropped++
    return passes(n)
  }

  #plainSource(): Iterable<number> {
    const returned = () => {
      this.#beginReturn()
      this.returnsEnded++
      return END
    }
    return { [Symbol.iterator]: () => ({ next: () => this.#next(), return: returned }) }
  }

  #slowSource(): AsyncIterable<number> {
    const next = () => this.#delay('next').then(() => this.#next())
    const returned = async () => {
      this.#beginReturn()
      await this.#delay('return')
      this.returnsEnded++
      return END
    }
    return { [Symbol.asyncIterator]: () => ({ next, return: returned }) }
  }

  #next(): IteratorResult<number, undefined> {
    this.sourceEnded = this.#read === this.#plan.length
    if (this.sourceEnded) return END
    const alive = ++this.#read - this.#dropped - this.results.flat().length
    expect(alive, 'back-pressure').toBeLessThanOrEqual(this.#room())
    return { done: false, value: this.#read - 1 }
  }

  #beginReturn(): void {
    expect(this.sourceEnded, 'a source that has ended is not given back').toBe(false)
    this.returnsBegun++
  }

  /** All windows, two batches (one being gathered, one on its way) and the item being read. */
  #room(): number {
    const { batch, stages } = this.#plan
    return stages.reduce((room, { concurrency }) => room + concurrency, 2 * batch + 1)
  }

  #delay(label: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), label)
  }
}

const END = { done: true, value: undefined } as const

function mapped<In, Out>(value: In | Promise<In>, fn: (value: In) => Out): Out | Promise<Out> {
  return value instanceof Promise ? value.then(fn) : fn(value)
}

/** What must be so when a run is over, however it ended. */
function check(trial: Trial, plan: Plan, error: unknown): void {
  const { controller, failed, left, results, returnsBegun, returnsEnded, sourceEnded } = trial
  const complete = error === undefined && !left
  const expectedErrors = [undefined, failed && failure, controller.signal.aborted && reason]
  if (!expectedErrors.includes(error as Error | undefined)) throw error

  expect(trial.inFlight, 'every call is waited for').toBe(0)
  expect(getEventListeners(controller.signal, 'abort'), 'no listener is left').toEqual([])
  expect(returnsEnded, 'the return() is waited for').toBe(returnsBegun)
  // A source may come to its end while it is given back.
  expect(returnsBegun === 1 || (returnsBegun === 0 && (complete || sourceEnded))).toBe(true)
  checkResults(results, expectedOf(plan), complete, plan)
}

function checkResults(
  results: readonly number[][],
  expected: readonly number[][],
  complete: boolean,
  { stages }: Plan,
): void {
  const numbers = results.flat()
  if (complete) expect(numbers.toSorted((a, b) => a - b)).toEqual(expected.flat())
  if (complete) expect(results.map(({ length }) => length)).toEqual(expected.map((b) => b.length))
  if (stages.every(({ ordered }) => ordered)) {
    expect(results).toEqual(expected.slice(0, results.length))
  }
}

describe('a pipeline', () => {
  it('does what arrays would, in whatever order its functions come to an end', () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
        const trial = new Trial(scheduler, plan)

        const error = await scheduler.waitFor(failureOf(trial.run()))

        check(trial, plan, error)
      }),
      { numRuns: 500 },
    ))
})
