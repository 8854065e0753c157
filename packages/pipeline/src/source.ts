import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { isPromiseLike } from './promise-like.ts'
import type { Run } from './run.ts'
import { type Downstream, END, NOBODY, PENDING, type Polled, type Stage } from './stage.ts'
import type { StageContext } from './stage-context.ts'

/**
 * What a pipeline reads: an array or any other iterable, an async iterable, a Node `Readable` of
 * objects or bytes, or a function that gives one of these, which each run calls once. Items that are
 * promises are awaited, one after the other.
 */
export type Source<T> = Items<T> | ((context: StageContext) => Items<T>)

type Items<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T | PromiseLike<T>>

type Reader<T> = Iterator<T | PromiseLike<T>> | AsyncIterator<T | PromiseLike<T>>

type Reading<T> = IteratorResult<T | PromiseLike<T>>

/**
 * The top of a run: reads an item when it is polled, one at a time, and holds none that nobody asked
 * for.
 *
 * It gives the source back as `for await` does: `return()` is called once if the run ends early, and
 * not at all if the source came to its own end or failed.
 */
export class SourceStage<T> implements Stage<T> {
  downstream: Downstream = NOBODY
  readonly #run: Run
  readonly #source: Source<T>
  #reader: Reader<T> | undefined
  /** The item that was read and not yet fetched. {@link END} stays. */
  #next: Polled<T> = PENDING
  /** An item was asked for and has not come. */
  #reading = false
  /** The source's code is on the stack: a generator must not be entered twice. */
  #inside = false
  /** There is nothing to give back any more, or there never was. */
  #closed = false

  constructor(run: Run, source: Source<T>) {
    this.#run = run
    this.#source = source
    run.join(this)
  }

  poll(): Polled<T> {
    if (this.#run.ending) return PENDING
    if (this.#next === PENDING && !this.#reading) this.#read()
    const next = this.#next
    if (next !== END) this.#next = PENDING
    return next
  }

  close(): void {
    if (this.#closed || this.#inside) return
    this.#closed = true
    try {
      const returned = this.#reader?.return?.()
      if (isPromiseLike(returned)) this.#await(returned, () => {}, this.#fail)
    } catch (error) {
      this.#fail(error)
    }
  }

  #read(): void {
    this.#reading = true
    this.#run.enter()
    try {
      const reading = this.#step()
      if (isPromiseLike(reading)) this.#await(reading, this.#accept, this.#break)
      else this.#accept(reading)
    } catch (error) {
      this.#break(error)
    }
    // If the run was ended from within the source's code, it could not be closed there.
    if (this.#run.ending) this.close()
    this.#run.exit()
  }

  #step(): Reading<T> | PromiseLike<Reading<T>> {
    this.#inside = true
    try {
      this.#reader ??= readerOf(this.#source, this.#run.context)
      return this.#reader.next()
    } finally {
      this.#inside = false
    }
  }

  readonly #accept = (reading: Reading<T>): void => {
    try {
      // As in `for await`, where any truthy `done` is an end. A number has none and would be read for
      // ever.
      if (!isObject(reading)) throw new TypeError('Cannot read the source: next() gave no object')
      if (reading.done) this.#end()
      else if (!isPromiseLike(reading.value)) this.#arrive(reading.value)
      else this.#await(reading.value, this.#arrive, this.#fail)
    } catch (error) {
      this.#break(error)
    }
  }

  readonly #arrive = (item: T): void => {
    this.#reading = false
    this.#next = item
    this.#run.read++
  }

  #end(): void {
    this.#closed = true
    this.#reading = false
    this.#next = END
  }

  /** The source itself failed: `return()` is not for those. */
  readonly #break = (error: unknown): void => {
    this.#closed = true
    this.#run.fail(error)
  }

  readonly #fail = (error: unknown): void => {
    this.#run.fail(error)
  }

  #await<Value>(
    waited: PromiseLike<Value>,
    onValue: (value: Value) => void,
    onError: (error: unknown) => void,
  ): void {
    const promise = Promise.resolve(waited)
    this.#run.enter()
    promise.then(
      (value) => {
        onValue(value)
        this.downstream.wake()
        this.#run.exit()
      },
      (error: unknown) => {
        onError(error)
        this.#run.exit()
      },
    )
  }
}

function readerOf<T>(source: Source<T>, context: StageContext): Reader<T> {
  const items = typeof source === 'function' && !isItems(source) ? source(context) : source
  if (!isItems(items)) throw notIterable()
  if (items instanceof Readable) return streamReaderOf(items)
  if (isObject(items) && Symbol.asyncIterator in items) return items[Symbol.asyncIterator]()
  return items[Symbol.iterator]()
}

/**
 * Its own iterator heeds `return()` only after the chunk it waits for, which may never come: a stream
 * without `close` event leaves that read pending even when it is destroyed. So the read is abandoned,
 * and what fails while the stream is closed is heard of once, from `return()`.
 */
function streamReaderOf<T>(stream: Readable): AsyncIterator<T> {
  const chunks: AsyncIterator<T> = stream[Symbol.asyncIterator]()
  let abandon = () => {}
  return {
    next: () =>
      new Promise((resolve, reject) => {
        abandon = () => resolve({ done: true, value: undefined })
        chunks.next().then(resolve, reject)
      }),
    async return() {
      abandon()
      stream.destroy()
      await finished(stream, { cleanup: true })
      return { done: true, value: undefined }
    },
  }
}

/** @throws TypeError If it can be no source. What a function gives is seen when a run begins. */
export function checkSource<T>(source: Source<T>): void {
  if (typeof source !== 'function' && !isItems(source)) throw notIterable()
}

function notIterable(): TypeError {
  return new TypeError('Cannot read source: expected an iterable, or a function that gives one')
}

/** Whether it can be iterated; a function that can is not called. */
function isItems<T>(source: Source<T>): source is Items<T> {
  return (
    typeof source === 'string' ||
    (isObject(source) && (Symbol.asyncIterator in source || Symbol.iterator in source))
  )
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
