import type { MessagePort } from 'node:worker_threads'
import { Claims } from './claims.ts'
import {
  type AnswerBatch,
  type AnswerKind,
  BEGINS,
  type CallBatch,
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
 * What a function's longest call counts after each further call: after a call of 10 ms the
 * next forty count as long, and then a message for each answer is the least of the costs.
 */
const FADE = 0.9

/**
 * Runs the calls of one thread, one at a time and in order: the next begins when the promise of the
 * one before has settled.
 *
 * Answers wait for company, but not behind a long call, which would hold them up for as long as it
 * takes: they are sent before a call that is likely to be long, because its function was long lately
 * or has never run, and before one that may be ended by force, because they would die with it.
 */
export class CallRunner {
  readonly #functions: readonly ((...args: unknown[]) => unknown)[]
  readonly #port: MessagePort
  readonly #claims: Claims
  readonly #batches: CallBatch[] = []
  /** Which call of the first batch comes next. */
  #index = 0
  #awaiting = false
  #answers: AnswerBatch = emptyBatch()
  #flushedAt = 0
  /** When the call before ended. */
  #endedAt = 0
  /** For each function how long its calls may take, judging by the latest. */
  readonly #expectedMs: (number | undefined)[] = []

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
    this.#endedAt = performance.now()
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#nextBatch()) {
      while (this.#index < batch.codes.length) {
        const index = this.#index++
        const number = batch.first + index
        const pending = this.#call(number, batch.codes[index] ?? 0, batch.args[index] ?? [])
        if (pending !== undefined) {
          void this.#await(number, pending)
          return
        }
      }
    }
    this.flush()
  }

  #nextBatch(): CallBatch | undefined {
    this.#batches.shift()
    this.#index = 0
    return this.#batches[0]
  }

  /** @returns What the call promised, if it did not end at once. */
  #call(number: number, code: number, args: readonly unknown[]): PromiseLike<unknown> | undefined {
    const flags = code % FLAG_RANGE
    const index = (code - flags) / FLAG_RANGE
    // Before `begin`, not after it: once begun, the call may be ended at any moment.
    if (flags !== 0 || this.#mayBeLong(index)) this.flush()
    if (!this.#claims.begin(number)) return undefined
    if (flags & FLAG_TELL_BEGIN) this.#tellBegin(number)
    const fn = this.#functions[index]
    try {
      const result = fn?.(...args)
      if (isPromiseLike(result)) return result
      this.#answer(number, RETURNED, result)
    } catch (error) {
      this.#answer(number, THREW, packError(error))
    } finally {
      this.#learn(index)
    }
    if (this.#endedAt - this.#flushedAt > FLUSH_AFTER_MS) this.flush()
    return undefined
  }

  #mayBeLong(index: number): boolean {
    return (this.#expectedMs[index] ?? Infinity) > FLUSH_AFTER_MS
  }

  /** Of a call that has promised its result, only the time until then keeps others waiting. */
  #learn(index: number): void {
    const now = performance.now()
    const tookMs = now - this.#endedAt
    this.#expectedMs[index] = Math.max(tookMs, (this.#expectedMs[index] ?? 0) * FADE)
    this.#endedAt = now
  }

  #tellBegin(number: number): void {
    this.#push(number, BEGINS, undefined)
    this.flush()
  }

  /** `await`, not `then`: it minds thenables that throw, call back at once, or call back twice. */
  async #await(number: number, pending: PromiseLike<unknown>): Promise<void> {
    this.#awaiting = true
    this.flush()
    try {
      this.#answer(number, RETURNED, await pending)
    } catch (error) {
      this.#answer(number, THREW, packError(error))
    }
    this.#awaiting = false
    this.#run()
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

/** A copy of the pipeline's: nothing that a thread loads imports a package. */
function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
