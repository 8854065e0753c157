import { ClosedError, type WaitOptions } from '@cupola/core'
import { DelayQueue, LifoQueue, PriorityQueue, Queue } from '@cupola/queue'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
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

const anyTimeout = fc.constantFrom(0, 1, 5, Infinity, Infinity)
const anyCall = fc.nat()
const atOnce = fc.boolean()

const waits = fc.constantFrom('put', 'put', 'put', 'get', 'get', 'get', 'join')
const others = fc.constantFrom('tryPut', 'tryPut', 'tryGet', 'taskDone', 'advance', 'advance')
const ends = fc.constantFrom('close', 'close', 'close', 'terminate')

const anyStep = fc.oneof(
  { weight: 7, arbitrary: fc.record({ kind: waits, timeout: anyTimeout, atOnce }) },
  { weight: 6, arbitrary: fc.record({ kind: others, atOnce }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), call: anyCall, atOnce }),
  },
  { weight: 1, arbitrary: fc.record({ kind: ends, atOnce }) },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

class Queues implements Pair<Step> {
  readonly #clock = new StepClock()
  readonly #queue: Queue<number>
  readonly #reference: ReferenceQueue
  readonly #calls = new Calls()
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

  async finish(): Promise<void> {
    this.terminate()
    while (this.#queue.unfinished > 0) this.taskDone()
    await eventLoopTurn()
    expect(this.#calls.outcomes).toEqual(this.#reference.outcomes)
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
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
    const { next } = this.#calls
    const value = this.#value++
    this.#calls.begin(
      timeout,
      (options) => this.#ask(kind, value, options),
      (got) => (got === undefined ? 'went well' : `got ${got}`),
    )
    if (kind === 'put') this.#reference.put(next, value, timeout)
    else this.#reference[kind](next, timeout)
  }

  #ask(kind: 'put' | 'get' | 'join', value: number, options: WaitOptions): Promise<number | void> {
    return kind === 'put' ? this.#queue.put(value, options) : this.#queue[kind](options)
  }

  #abort(choice: number): void {
    const call = this.#calls.abort(choice)
    if (call !== undefined) this.#reference.abort(call)
  }
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
  it.each([1, 2, 3, Infinity])(
    'of capacity %s is as arrays and patience would have it, whoever comes when',
    (capacity) =>
      fc.assert(
        interleavings(anyStep, () => new Queues(order, capacity)),
        { numRuns: 60 },
      ),
  )
})
