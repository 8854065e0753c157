import { MessageChannel } from 'node:worker_threads'
import type { Claims } from '../claims.ts'
import { at } from '../column.ts'
import type { InterruptGuard } from '../interrupt-guard.ts'
import {
  BEGINS,
  type CallBatch,
  type CallDetails,
  type CreditOrder,
  FLAG_INTERRUPTIBLE,
  FLAG_RANGE,
  FLAG_STREAM,
  FLAG_TELL_BEGIN,
  HEEDED,
  type InterruptOrder,
  RETURNED,
  STOPPED,
  THREW,
  TOOK,
} from '../messages.ts'
import { packError } from '../pack-error.ts'
import { unpackTable } from '../table.ts'
import type { WorkerFunction } from '../worker-functions.ts'
import type { ScopeWatcher } from './async-scopes.ts'
import { die } from './die.ts'
import { ItemStream } from './item-stream.ts'
import type { Outbox } from './outbox.ts'
import { isPromiseLike } from './promise-like.ts'
import { Stopwatch } from './stopwatch.ts'
import { RunningTask } from './running-task.ts'
import type { TaskHost } from './task-host.ts'

/**
 * How long an answer may wait for others to travel with. Long enough that calls of a microsecond
 * share a message by the dozen, short enough that nobody notices.
 */
const FLUSH_AFTER_MS = 0.1

/** No call has this number. */
const NONE = -1

/**
 * Runs the calls of one thread, one at a time and in order: the next begins when the promise of the
 * one before has settled.
 *
 * The execution of a call may be terminated from the other thread, between `begin` and `finish` or
 * `promise`, at any instruction and without `catch` or `finally`. So nothing in between changes what
 * is needed afterwards; `running` stays set, and {@link resume} goes on from there.
 *
 * Nor may an interruptible call begin where Node has pushed an async id from JavaScript, as it does
 * around promise reactions when async hooks are on: nobody would pop it. Only a plain message handler
 * is a safe place, see {@link file://./async-scopes.ts}.
 *
 * Answers wait for company, but not behind a long call, which would hold them up for as long as it
 * takes: they are sent before a call that is likely to be long, because its function was long lately
 * or has never run, and before one that may be ended by force, because they would die with it.
 */
export class CallRunner implements TaskHost, ScopeWatcher {
  readonly interruptedListeners: Set<(name: string) => unknown> = new Set()
  readonly #claims: Claims
  readonly #guard: InterruptGuard
  readonly #outbox: Outbox
  readonly #names: string[] = []
  readonly #functions: WorkerFunction[] = []
  readonly #stopwatch: Stopwatch
  readonly #batches: CallBatch[] = []
  /** The arguments of each batch. */
  readonly #args: (readonly unknown[])[] = []
  /** Which call of the first batch comes next, and where its arguments begin. */
  #index = 0
  #argsAt = 0
  /** Number and function of the call that has begun and not ended. */
  #number = NONE
  #function = 0
  #task: RunningTask | undefined
  /** Whether to tell how long each call has run, and when the last one began. */
  readonly #timed: boolean
  #beganAt = 0
  /** What the call gives, if it is to give items. */
  #stream: ItemStream | undefined
  #hop: (() => void) | undefined

  constructor(outbox: Outbox, claims: Claims, guard: InterruptGuard, timed: boolean) {
    this.#stopwatch = new Stopwatch(outbox)
    this.#outbox = outbox
    this.#claims = claims
    this.#guard = guard
    this.#timed = timed
  }

  /** The names of the functions. Their places are what a batch has instead of them. */
  get names(): readonly string[] {
    return this.#names
  }

  /** Adds a function that can be called. */
  add(name: string, fn: WorkerFunction): void {
    this.#names.push(name)
    this.#functions.push(fn)
  }

  /** The call that the thread is inside. */
  get running(): RunningTask | undefined {
    if (this.#number === NONE) return undefined
    this.#task ??= this.#makeTask()
    return this.#task
  }

  /** Runs the calls of a batch after all those taken before. Only from a message handler. */
  take(batch: CallBatch): void {
    this.#batches.push(batch)
    this.#args.push(unpackTable(batch[4]))
    if (this.#number === NONE) this.#run(true)
  }

  /** The call of that number shall end. */
  interrupt({ interrupt, reason, raise }: InterruptOrder): void {
    if (interrupt !== this.#number) return
    const task = this.running
    task?.interrupt(reason, raise)
    if (this.#stream === undefined) return
    if (task !== undefined) task.heeded ??= 'signal'
    this.#stream.grant(0)
  }

  /** The call of that number may send more, or is to end. */
  credit({ creditOf, items }: CreditOrder): void {
    if (creditOf === this.#number) this.#stream?.grant(items)
  }

  /** The execution of the running call has been terminated: goes on with the next. */
  async resume(): Promise<void> {
    const number = this.#number
    this.#task?.abandon()
    this.#guard.reset()
    this.#claims.clear(number)
    const name = this.#names[this.#function] ?? ''
    for (const listener of [...this.interruptedListeners]) await listener(name)
    this.#answer(number, STOPPED, undefined)
    this.#run(false)
  }

  enterScope(): number {
    return this.#guard.enterScope(this.#claims, this.#number)
  }

  leaveScope(epoch: number): void {
    this.#guard.leaveScope(epoch)
  }

  /** @param isSafe - Whether interruptible calls may begin here. */
  #run(isSafe: boolean): void {
    this.#stopwatch.start()
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#nextBatch()) {
      const [first, size, codes] = batch
      while (this.#index < size) {
        const code = at(codes, this.#index)
        if (!isSafe && code & FLAG_INTERRUPTIBLE) return this.#runSafely()
        const index = this.#index++
        const number = first + index
        const pending = this.#call(number, code, this.#takeArgs(batch, index))
        if (pending !== undefined) {
          // Not as a rejection, which the module may listen to as well.
          this.#await(number, pending, code).catch((error: unknown) => setImmediate(die, error))
          return
        }
      }
    }
    this.#outbox.flush()
  }

  #nextBatch(): CallBatch | undefined {
    this.#batches.shift()
    this.#args.shift()
    this.#index = 0
    this.#argsAt = 0
    return this.#batches[0]
  }

  #takeArgs([, , , counts]: CallBatch, index: number): readonly unknown[] {
    const start = this.#argsAt
    this.#argsAt += at(counts, index)
    return this.#args[0]?.slice(start, this.#argsAt) ?? []
  }

  /** Goes on from a message handler. */
  #runSafely(): void {
    this.#outbox.flush()
    this.#hop ??= hopper(() => {
      if (this.#number === NONE) this.#run(true)
    })
    this.#hop()
  }

  /** @returns What the call promised, if it did not end at once. */
  #call(number: number, code: number, args: readonly unknown[]): PromiseLike<unknown> | undefined {
    const flags = code % FLAG_RANGE
    const index = (code - flags) / FLAG_RANGE
    if (flags !== 0) this.#announce(number, flags)
    else if (this.#stopwatch.longest(index) > FLUSH_AFTER_MS) this.#outbox.flush()
    this.#number = number
    this.#function = index
    if (!this.#claims.begin(number)) {
      this.#number = NONE
      return undefined
    }
    if (this.#timed) this.#beganAt = performance.now()
    const fn = this.#functions[index]
    let result: unknown
    let hasThrown = false
    let pending: PromiseLike<unknown> | undefined
    try {
      result = fn?.(...args)
      if (flags & FLAG_STREAM) pending = this.#pour(number, result)
      else if (isPromiseLike(result)) pending = result
    } catch (error) {
      // Here, where it can be ended: what was thrown may have getters.
      result = packError(error)
      hasThrown = true
    }
    const isEndable = !hasThrown && (flags & FLAG_INTERRUPTIBLE) !== 0 && isObject(result)
    if (pending === undefined && !isEndable) {
      this.#claims.finish(number)
    } else {
      // It may be hit in here, and then nobody awaits it.
      if (flags !== 0 && pending instanceof Promise) pending.catch(() => {})
      this.#claims.promise(number)
    }
    const endedAt = this.#stopwatch.learn(index)
    if (pending !== undefined) return pending
    this.#answer(number, hasThrown ? THREW : RETURNED, result)
    if (isEndable) this.#send(number)
    else if (endedAt - this.#outbox.flushedAt > FLUSH_AFTER_MS) this.#outbox.flush()
    return undefined
  }

  /** Sends the answer of a call that can still be ended: to clone an object may run its getters. */
  #send(number: number): void {
    this.#outbox.flush()
    this.#claims.settle(number)
  }

  /** What the running call has been told beyond what most calls are. */
  #details(number: number): CallDetails | undefined {
    const batch = this.#batches[0]
    return batch?.[5]?.[number - batch[0]]
  }

  #makeTask(): RunningTask {
    const number = this.#number
    const name = this.#names[this.#function] ?? ''
    const { attempt = 1, tellsProgress = false } = this.#details(number) ?? {}
    const tell = tellsProgress
      ? (value: unknown) => this.#outbox.say(number, 'progress', [value])
      : undefined
    return new RunningTask({ name, number, attempt, tell }, this.#claims, this.#guard)
  }

  #pour(number: number, given: unknown): Promise<void> {
    this.#stream = new ItemStream(number, this.#details(number)?.credit ?? 0, this.#outbox)
    return this.#stream.pour(given)
  }

  /** Before `begin`, not after it: once begun, the call may be ended at any moment. */
  #announce(number: number, flags: number): void {
    if (flags & FLAG_TELL_BEGIN) this.#outbox.push(number, BEGINS, undefined)
    this.#outbox.flush()
  }

  /** `await`, not `then`: it minds thenables that throw, call back at once, or call back twice. */
  async #await(number: number, pending: PromiseLike<unknown>, code: number): Promise<void> {
    this.#outbox.flush()
    try {
      this.#answer(number, RETURNED, await pending)
    } catch (error) {
      this.#answer(number, THREW, packError(error))
    }
    if (code & FLAG_INTERRUPTIBLE) this.#send(number)
    else this.#claims.settle(number)
    this.#run(false)
  }

  /** The call is over. */
  #answer(
    number: number,
    kind: typeof RETURNED | typeof THREW | typeof STOPPED,
    value: unknown,
  ): void {
    const heeded = this.#task?.heeded
    if (heeded !== undefined) this.#outbox.push(number, HEEDED, heeded)
    if (this.#timed) this.#outbox.push(number, TOOK, performance.now() - this.#beganAt)
    this.#outbox.push(number, kind, value)
    this.#task = undefined
    this.#stream = undefined
    this.#number = NONE
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Makes a function that has `listener` called from a message handler. */
function hopper(listener: () => void): () => void {
  const { port1, port2 } = new MessageChannel()
  port2.on('message', listener)
  port2.unref()
  return () => port1.postMessage(undefined)
}
