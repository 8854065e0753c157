import type { MessagePort, Transferable } from 'node:worker_threads'
import { detachedError, isDetached } from '../detached.ts'
import { columnOf } from '../column.ts'
import {
  type AnswerBatch,
  type AnswerKind,
  type Column,
  RETURNED,
  THREW,
  type WordKind,
  type Words,
} from '../messages.ts'
import { packError } from '../pack-error.ts'
import { packTable } from '../table.ts'
import { movedBuffers, unmoved } from './moved.ts'

/** Collects the answers of a thread and sends many as one message. */
export class Outbox {
  readonly #port: MessagePort
  // A column each, see `AnswerBatch`.
  #numbers: number[] = []
  #kinds: AnswerKind[] = []
  #values: unknown[] = []
  #lengths: number[] = []
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
    this.#numbers.push(number)
    this.#kinds.push(kind)
    this.#values.push(value)
  }

  /** Adds how long the calls of a function take. */
  pushLength(index: number, meanMs: number): void {
    this.#lengths.push(index, meanMs)
  }

  /** Sends what there is. */
  flush(): void {
    this.#flushedAt = performance.now()
    if (this.#values.length === 0) return
    const [numbers, kinds, values, lengths] = this.#take()
    try {
      this.#post(isGapless(numbers) ? (numbers[0] ?? 0) : numbers, columnOf(kinds), values, lengths)
    } catch {
      this.#sendOneByOne(numbers, kinds, values)
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

  #take() {
    const columns = [this.#numbers, this.#kinds, this.#values, this.#lengths] as const
    this.#numbers = []
    this.#kinds = []
    this.#values = []
    if (this.#lengths.length > 0) this.#lengths = []
    return columns
  }

  /** Buffers that are to be moved leave the thread, if all the rest can be cloned. */
  #post(
    numbers: Column,
    kinds: AnswerBatch[1],
    values: readonly unknown[],
    lengths: readonly number[] = [],
  ): void {
    const buffers = buffersOf(values)
    const packed = buffers.length === 0 ? packTable(values) : values.map(unmoved)
    const answers: AnswerBatch =
      lengths.length === 0 ? [numbers, kinds, packed] : [numbers, kinds, packed, lengths]
    this.#port.postMessage(answers, buffers)
  }

  /** One value of the batch cannot be cloned; it must not take the others with it. */
  #sendOneByOne(
    numbers: readonly number[],
    kinds: readonly AnswerKind[],
    values: readonly unknown[],
  ): void {
    numbers.forEach((number, index) => {
      try {
        this.#post(number, kinds[index] ?? RETURNED, [values[index]])
      } catch (error) {
        this.#post(number, THREW, [packError(error)])
      }
    })
  }
}

/** Whether each is one more than the one before. */
function isGapless(numbers: readonly number[]): boolean {
  const [first = 0] = numbers
  return numbers.every((number, index) => number === first + index)
}

/** @throws DOMException If one of them has left the thread already. */
function buffersOf(values: readonly unknown[]): Transferable[] {
  const buffers = movedBuffers(values)
  if (buffers.some(isDetached)) throw detachedError('return a value')
  return buffers
}
