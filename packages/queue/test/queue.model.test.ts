import { getEventListeners } from 'node:events'
import { ClosedError, TimeoutError, type WaitOptions } from '@cupola/core'
import { DelayQueue, LifoQueue, PriorityQueue, Queue } from '@cupola/queue'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interleave } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'
import { type Order, ReferenceQueue } from './fixtures/reference-queue.ts'

interface Options {
  readonly capacity: number
  readonly clock: StepClock
}

const makers: Record<Order, (options: Options) => Queue<number>> = {
  fifo: (options) => new Queue(options),
  lifo: (options) => new LifoQueue(options),
  priority: (options) => new PriorityQueue({ ...options, priority: (value) => value % 3 }),
  delay: (options) => new DelayQueue({ ...options, delayMs: (value) => 4 * (value % 3) }),
}

const timeout = fc.constantFrom(0, 1, 5, Infinity, Infinity)
const call = fc.nat()
const atOnce = fc.boolean()

const waits = fc.constantFrom('put', 'put', 'put', 'get', 'get', 'get', 'join')
const others = fc.constantFrom('tryPut', 'tryPut', 'tryGet', 'taskDone', 'advance', 'advance')
const ends = fc.constantFrom('close', 'close', 'close', 'terminate')

const step = fc.oneof(
  { weight: 7, arbitrary: fc.record({ kind: waits, timeout, atOnce }) },
  { weight: 6, arbitrary: fc.record({ kind: others, atOnce }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), call, atOnce }) },
  { weight: 1, arbitrary: fc.record({ kind: ends, atOnce }) },
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A queue beside its reference: both take each step, and have to look alike after it. */
class Pair {
  readonly #clock = new StepClock()
  readonly #queue: Queue<number>
  readonly #reference: ReferenceQueue
  /** What became of the calls that wait, by their number, as those who made them were told. */
  readonly #outcomes = new Map<number, string>()
  readonly #controllers: AbortController[] = []
  #value = 0

  constructor(order: Order, capacity: number) {
    this.#queue = makers[order]({ capacity, clock: this.#clock })
    this.#reference = new ReferenceQueue(order, capacity)
  }

  take(step: Step): void {
    if ('timeout' in step) this.#begin(step.kind, step.timeout)
    else if ('call' in step) this.#abort(step.call)
    else this[step.kind]()
    expect(this.#queue.stats()).toEqual(this.#reference.stats())
    expect(this.#clock.pending).toBe(this.#reference.timers)
  }

  /** Whether everybody was told what the reference says, and nothing is left. */
  async finish(): Promise<void> {
    this.terminate()
    while (this.#queue.unfinished > 0) this.taskDone()
    await new Promise((resolve) => setImmediate(resolve))
    expect(this.#outcomes).toEqual(this.#reference.outcomes)
    expect(this.#clock.pending).toBe(0)
    for (const { signal } of this.#controllers) {
      expect(getEventListeners(signal, 'abort')).toEqual([])
    }
  }

  tryPut(): void {
    const value = this.#value++
    expect(orClosed(() => this.#queue.tryPut(value))).toBe(this.#reference.tryPut(value))
  }

  tryGet(): void {
    expect(orClosed(() => this.#queue.tryGet())).toBe(this.#reference.tryGet())
  }

  taskDone(): void {
    if (this.#queue.unfinished === 0) {
      expect(() => this.#queue.taskDone()).toThrow(RangeError)
    } else {
      this.#queue.taskDone()
      this.#reference.taskDone()
    }
  }

  advance(): void {
    this.#clock.advance(4)
    this.#reference.advance()
  }

  close(): void {
    void this.#queue.close()
    this.#reference.close()
  }

  terminate(): void {
    const left = this.#reference.terminate()
    void this.#queue.terminate().then((items) => expect(items).toEqual(left))
  }

  #begin(kind: 'put' | 'get' | 'join', timeout: number): void {
    const id = this.#controllers.length
    const controller = new AbortController()
    this.#controllers.push(controller)
    const value = this.#value++
    this.#ask(kind, value, { timeout, signal: controller.signal }).then(
      (got) => this.#outcomes.set(id, got === undefined ? 'went well' : `got ${got}`),
      (error: unknown) => this.#outcomes.set(id, nameOf(error)),
    )
    if (kind === 'put') this.#reference.put(id, value, timeout)
    else this.#reference[kind](id, timeout)
  }

  #ask(kind: 'put' | 'get' | 'join', value: number, options: WaitOptions): Promise<number | void> {
    return kind === 'put' ? this.#queue.put(value, options) : this.#queue[kind](options)
  }

  #abort(call: number): void {
    const { length } = this.#controllers
    if (length === 0) return
    this.#controllers[call % length]?.abort('aborted')
    this.#reference.abort(call % length)
  }
}

function nameOf(error: unknown): string {
  if (error instanceof ClosedError) return 'closed'
  return error instanceof TimeoutError ? 'timed out' : String(error)
}

function orClosed<Result>(fn: () => Result): Result | 'closed' {
  try {
    return fn()
  } catch (error) {
    expect(error).toBeInstanceOf(ClosedError)
    return 'closed'
  }
}

describe.each(['fifo', 'lifo', 'priority', 'delay'] as const)('a queue in %s order', (order) => {
  it('is as arrays and patience would have it, whoever comes when', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.constantFrom(1, 2, 3, Infinity),
        fc.array(fc.array(step, { maxLength: 10 }), { minLength: 1, maxLength: 4, size: 'max' }),
        async (scheduler, capacity, scripts) => {
          const pair = new Pair(order, capacity)

          await interleave<Step>(scheduler, scripts, (step) => pair.take(step))

          await pair.finish()
        },
      ),
      { numRuns: 200 },
    ))
})
