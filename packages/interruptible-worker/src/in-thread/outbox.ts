import type { MessagePort } from 'node:worker_threads'
import { type AnswerBatch, type AnswerKind, RETURNED, THREW } from '../messages.ts'
import { packError } from '../pack-error.ts'
import { movedBuffers, unmoved } from './moved.ts'

/** Collects the answers of a thread and sends many as one message. */
export class Outbox {
  readonly #port: MessagePort
  #answers: AnswerBatch = emptyBatch()
  /** When the last message left. */
  #flushedAt = 0

  constructor(port: MessagePort) {
    this.#port = port
  }

  /** When there was nothing unsent for the last time, by `performance.now()`. */
  get flushedAt(): number {
    return this.#flushedAt
  }

  /** Adds an answer. It leaves with the next {@link flush}. */
  push(number: number, kind: AnswerKind, value: unknown): void {
    this.#answers.numbers.push(number)
    this.#answers.kinds.push(kind)
    this.#answers.values.push(value)
  }

  /** Adds how long the calls of a function take. */
  pushLength(index: number, meanMs: number): void {
    this.#answers.lengths.push(index, meanMs)
  }

  /** Sends what there is. */
  flush(): void {
    this.#flushedAt = performance.now()
    if (this.#answers.numbers.length === 0) return
    const answers = this.#answers
    this.#answers = emptyBatch()
    try {
      this.#post(answers)
    } catch {
      this.#sendOneByOne(answers)
    }
  }

  /** Buffers that are to be moved leave the thread, if all the rest can be cloned. */
  #post(answers: AnswerBatch): void {
    const buffers = movedBuffers(answers.values)
    if (buffers.length === 0) this.#port.postMessage(answers)
    else this.#port.postMessage({ ...answers, values: answers.values.map(unmoved) }, buffers)
  }

  /** One value of the batch cannot be cloned; it must not take the others with it. */
  #sendOneByOne({ numbers, kinds, values }: AnswerBatch): void {
    numbers.forEach((number, index) => {
      try {
        this.#post(batchOf(number, kinds[index] ?? RETURNED, values[index]))
      } catch (error) {
        this.#port.postMessage(batchOf(number, THREW, packError(error)))
      }
    })
  }
}

function emptyBatch(): AnswerBatch {
  return { numbers: [], kinds: [], values: [], lengths: [] }
}

function batchOf(number: number, kind: AnswerKind, value: unknown): AnswerBatch {
  return { numbers: [number], kinds: [kind], values: [value], lengths: [] }
}
