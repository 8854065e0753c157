import type { MessagePort, Transferable } from 'node:worker_threads'
import { detachedError, isDetached } from '../detached.ts'
import {
  type AnswerBatch,
  type AnswerKind,
  RETURNED,
  THREW,
  type WordKind,
  type Words,
} from '../messages.ts'
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

  /**
   * Sends what a call says before it has ended, at once, and after all answers.
   *
   * @throws DOMException `DataCloneError` if it cannot be cloned. Nothing of it is sent then.
   */
  say(number: number, kind: WordKind, words: readonly unknown[]): void {
    this.flush()
    const buffers = buffersOf(words)
    this.#port.postMessage(
      { said: number, kind, words: words.map(unmoved) } satisfies Words,
      buffers,
    )
  }

  /** Buffers that are to be moved leave the thread, if all the rest can be cloned. */
  #post(answers: AnswerBatch): void {
    const buffers = buffersOf(answers.values)
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

/** @throws DOMException If one of them has left the thread already. */
function buffersOf(values: readonly unknown[]): Transferable[] {
  const buffers = movedBuffers(values)
  if (buffers.some(isDetached)) throw detachedError('return a value')
  return buffers
}

function emptyBatch(): AnswerBatch {
  return { numbers: [], kinds: [], values: [], lengths: [] }
}

function batchOf(number: number, kind: AnswerKind, value: unknown): AnswerBatch {
  return { numbers: [number], kinds: [kind], values: [value], lengths: [] }
}
