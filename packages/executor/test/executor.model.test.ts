import { Deferred } from '@cupola/core/authoring'
import { Executor, type Task } from '@cupola/executor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { StepClock } from '../../../test/step-clock.ts'
import { type LaneName, ReferenceExecutor } from './fixtures/reference-executor.ts'

const anyLane = fc.constantFrom<LaneName>('delay', 'queue')
const anyTerms = {
  urgency: fc.constantFrom(-1, 0, 0, 1, 7),
  key: fc.constantFrom(undefined, undefined, 1, 2),
  runTimeout: fc.constantFrom(Infinity, Infinity, 4),
}
const anyDelay = fc.constantFrom(0, 1, 2, 5, 9, Infinity)
const anyTask = fc.nat()
/** Whether the next step comes before anything has begun that this one lets begin. */
const atOnce = fc.boolean()

const accept = fc.record({
  kind: fc.constant('accept' as const),
  lane: anyLane,
  delayMs: anyDelay,
  atOnce,
  ...anyTerms,
})
const settle = fc.record({
  kind: fc.constant('settle' as const),
  choice: anyTask,
  isGood: fc.boolean(),
})
const cancel = fc.record({ kind: fc.constant('cancel' as const), choice: anyTask, atOnce })
const reschedule = fc.record({
  kind: fc.constant('reschedule' as const),
  choice: anyTask,
  delayMs: anyDelay,
  atOnce,
})
const advance = fc.record({
  kind: fc.constant('advance' as const),
  ms: fc.constantFrom(1, 3, 10),
  atOnce,
})
const resize = fc.record({
  kind: fc.constant('resize' as const),
  lane: anyLane,
  to: fc.integer({ min: 1, max: 4 }),
  atOnce,
})

const anyStep = fc.oneof(
  { weight: 8, arbitrary: accept },
  { weight: 5, arbitrary: settle },
  { weight: 2, arbitrary: cancel },
  { weight: 2, arbitrary: reschedule },
  { weight: 4, arbitrary: advance },
  { weight: 1, arbitrary: resize },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

class Pair {
  readonly #clock = new StepClock()
  readonly #executor: Executor
  readonly #reference: ReferenceExecutor
  readonly #tasks: Task<void>[] = []
  readonly #functions: Deferred<void>[] = []

  constructor(delay: number, queue: number) {
    const clock = this.#clock
    this.#executor = new Executor({ clock, delayConcurrency: delay, queueConcurrency: queue })
    this.#reference = new ReferenceExecutor({ delay, queue })
  }

  /** Takes one step, and gives a promise only if others may have their turn after it. */
  take(step: Step): Promise<void> | undefined {
    if (step.kind === 'accept') this.#accept(step)
    else if (step.kind === 'settle') this.#settle(step.choice, step.isGood)
    else if (step.kind === 'advance') this.#advance(step.ms)
    else if (step.kind === 'resize') this.#resize(step.lane, step.to)
    else if (this.#tasks.length > 0) this.#disturb(step)
    return 'atOnce' in step && step.atOnce ? undefined : this.#compare()
  }

  /** Everything ends: what waits is cancelled, what runs settles, and nothing is left. */
  async finish(): Promise<void> {
    await this.#compare()
    const waiting = this.#reference.states.filter(
      (state) => state === 'delayed' || state === 'queued',
    )
    const report = await this.#executor.terminate('the end')
    expect(report.unbegun).toHaveLength(waiting.length)
    for (const fn of this.#functions) fn.resolve()
    await this.#executor.close()
    expect(this.#executor.stats()).toMatchObject({ open: 0, running: 0, queued: 0 })
    expect(this.#clock.pending).toBe(0)
    const outcomes = await Promise.allSettled(this.#tasks.map(({ result }) => result))
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
      this.#tasks.map(({ state }) => state === 'done'),
    )
  }

  async #compare(): Promise<void> {
    await eventLoopTurn()
    this.#reference.start()
    expect(this.#tasks.map(({ state }) => state)).toEqual(this.#reference.states)
    const { running, open } = this.#reference
    expect(this.#executor.stats()).toMatchObject({ running, open })
    expect(this.#clock.pending).toBeLessThanOrEqual(1)
  }

  #accept({ lane, delayMs, ...terms }: Extract<Step, { kind: 'accept' }>): void {
    const fn = new Deferred<void>()
    this.#functions.push(fn)
    const { urgency, key, runTimeout } = terms
    const options = { urgency, key, runTimeout }
    const task =
      lane === 'queue'
        ? this.#executor.queueExec(() => fn.promise, options)
        : this.#executor.delayExec(delayMs, () => fn.promise, options)
    this.#tasks.push(task)
    this.#reference.accept({ lane, urgency, key, runTimeout }, delayMs)
  }

  #settle(choice: number, isGood: boolean): void {
    // Not before those have begun that will be in a slot.
    this.#reference.start()
    const { inSlots } = this.#reference
    const id = inSlots[choice % inSlots.length]
    if (id === undefined) return
    if (isGood) this.#functions[id]?.resolve()
    else this.#functions[id]?.reject(new Error('no'))
    this.#reference.settle(id, isGood)
  }

  #advance(ms: number): void {
    this.#clock.advance(ms)
    this.#reference.advance(ms)
  }

  #resize(lane: LaneName, to: number): void {
    this.#executor.resize(lane === 'delay' ? { delayConcurrency: to } : { queueConcurrency: to })
    this.#reference.resize(lane, to)
  }

  #disturb(step: Extract<Step, { kind: 'cancel' | 'reschedule' }>): void {
    const id = step.choice % this.#tasks.length
    const task = this.#tasks[id]
    if (step.kind === 'cancel') expect(task?.cancel('no more')).toBe(this.#reference.cancel(id))
    else expect(task?.reschedule(step.delayMs)).toBe(this.#reference.reschedule(id, step.delayMs))
  }
}

/** A settled function is heard of a little later: nothing may come in between. */
function quietAround(steps: readonly Step[]): Step[] {
  return steps.map((step, index) =>
    'atOnce' in step && steps[index + 1]?.kind === 'settle' ? { ...step, atOnce: false } : step,
  )
}

describe('an executor', () => {
  it.each([
    [1, 1],
    [2, 3],
  ])(
    'with %s and %s slots is as a list and patience would have it, whoever does what when',
    (delay, queue) =>
      fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 40, size: 'max' }), async (steps) => {
          const pair = new Pair(delay, queue)
          for (const each of quietAround(steps)) {
            const others = pair.take(each)
            if (others !== undefined) await others
          }
          await pair.finish()
        }),
        { numRuns: Number(process.env['CUPOLA_SLOW'] === '1' ? 5000 : 150) },
      ),
  )
})
