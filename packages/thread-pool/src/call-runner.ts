import type { MessagePort } from 'node:worker_threads'
import { Claims } from './claims.ts'
import {
  type AnswerBatch,
  type AnswerKind,
  BEGINS,
  type CallBatch,
  FLAG_FLUSH_FIRST,
  FLAG_RANGE,
  FLAG_TELL_BEGIN,
  RETURNED,
  THREW,
} from './messages.ts'
import { packError } from './pack-error.ts'

/**
 * How long an answer may wait for others to travel with. Long enough that calls of a microsecond
 * share a message by the dozen, short enough that nobody notices.
 */
const FLUSH_AFTER_MS = 0.1

/**
 * Runs the calls of one thread, one at a time and in order: the next begins when the promise of the
 * one before has settled.
 */
export class CallRunner {
  readonly #functions: readonly ((...args: unknown[]) => unknown)[]
  readonly #port: MessagePort
  readonly #claims: Claims
  readonly #batches: CallBatch[] = []
  /** Which call of the first batch comes next, and its number number. */
  #index = 0
  #number = 0
  #awaiting = false
  #answers: AnswerBatch = emptyBatch()
  #flushedAt = 0

  constructor(
    functions: readonly ((...args: unknown[]) => unknown)[],
    port: MessagePort,
    claims: SharedArrayBuffer,
  ) {
    this.#functions = functions
    this.#port = port
    this.#claims = new Claims(claims)
  }

  /** Runs the calls of a batch after all those taken before. */
  take(batch: CallBatch): void {
    this.#batches.push(batch)
    if (this.#batches.length === 1) this.#number = batch.first
    if (!this.#awaiting) this.#run()
  }

  /** Sends the answers that are waiting for company. */
  flush(): void {
    this.#flushedAt = performance.now()
    if (this.#answers.numbers.length === 0) return
    const answers = this.#answers
    this.#answers = emptyBatch()
    try {
      this.#port.postMessage(answers)
    } catch {
      this.#sendOneByOne(answers)
    }
  }

  #run(): void {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#nextBatch()) {
      for (; this.#index < batch.codes.length; this.#index++) {
        const number = this.#number
        this.#number = number + 1
        if (!this.#claims.begin(number)) continue
        const args = batch.args[this.#index] ?? []
        const pending = this.#call(number, batch.codes[this.#index] ?? 0, args)
        if (pending !== undefined) {
          this.#index++
          this.#await(number, pending)
          return
        }
        if (performance.now() - this.#flushedAt > FLUSH_AFTER_MS) this.flush()
      }
    }
    this.flush()
  }

  #nextBatch(): CallBatch | undefined {
    this.#batches.shift()
    this.#index = 0
    const next = this.#batches[0]
    if (next !== undefined) this.#number = next.first
    return next
  }

  /** @returns What the call promised, if it did not end at once. */
  #call(number: number, code: number, args: readonly unknown[]): PromiseLike<unknown> | undefined {
    const flags = code % FLAG_RANGE
    if (flags !== 0) this.#prepare(number, flags)
    const fn = this.#functions[(code - flags) / FLAG_RANGE]
    try {
      const result = fn?.(...args)
      if (isPromiseLike(result)) return result
      this.#answer(number, RETURNED, result)
    } catch (error) {
      this.#answer(number, THREW, packError(error))
    }
    return undefined
  }

  #prepare(number: number, flags: number): void {
    if (flags & FLAG_TELL_BEGIN) this.#push(number, BEGINS, undefined)
    if (flags & (FLAG_FLUSH_FIRST | FLAG_TELL_BEGIN)) this.flush()
  }

  #await(number: number, pending: PromiseLike<unknown>): void {
    this.#awaiting = true
    this.flush()
    const goOn = (kind: AnswerKind, value: unknown) => {
      this.#answer(number, kind, value)
      this.#awaiting = false
      this.#run()
    }
    pending.then(
      (value) => goOn(RETURNED, value),
      (error: unknown) => goOn(THREW, packError(error)),
    )
  }

  #answer(number: number, kind: AnswerKind, value: unknown): void {
    this.#push(number, kind, value)
    this.#claims.finish(number)
  }

  #push(number: number, kind: AnswerKind, value: unknown): void {
    this.#answers.numbers.push(number)
    this.#answers.kinds.push(kind)
    this.#answers.values.push(value)
  }

  /** One value of the batch cannot be cloned; it must not take the others with it. */
  #sendOneByOne({ numbers, kinds, values }: AnswerBatch): void {
    numbers.forEach((number, index) => {
      try {
        this.#port.postMessage(batchOf(number, kinds[index] ?? RETURNED, values[index]))
      } catch (error) {
        this.#port.postMessage(batchOf(number, THREW, packError(error)))
      }
    })
  }
}

function emptyBatch(): AnswerBatch {
  return { numbers: [], kinds: [], values: [] }
}

function batchOf(number: number, kind: AnswerKind, value: unknown): AnswerBatch {
  return { numbers: [number], kinds: [kind], values: [value] }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
