import type { Clock } from '@cupola/core'
import { Deferred, LinkedList, type LinkedNode } from '@cupola/core/authoring'
import { Run, type RunOptions } from './run.ts'
import { END, type Open, PENDING, type Stage } from './stage.ts'

type Result<T> = IteratorResult<T, undefined>

/** A run that goes on as its items are asked for. It begins with the first call of `next()`. */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #begin: () => Begun<T>
  #begun: Begun<T> | undefined
  /** It was left before it began, or could not begin. */
  #over = false
  /** Calls of `next()` that have no answer yet. */
  readonly #questions = new LinkedList<Question<T>>()
  /** A function of the pipeline may call `next()` itself, but no stage may be entered twice. */
  #pumping = false

  constructor(open: Open<T>, clock: Clock, options: RunOptions) {
    this.#begin = () => {
      const run = new Run(clock, options)
      const last = run.open(open)
      last.downstream = { wake: () => this.#pump(run, last) }
      void run.finished.then(() => this.#answerAll(run))
      return { run, last }
    }
  }

  async next(): Promise<Result<T>> {
    if (this.#over) return done()
    const { run, last } = this.#ensureBegun()
    if (run.over) {
      // Those who asked before are answered first.
      await run.finished
      run.throwIfFailed()
      return done()
    }
    const question = new Question<T>()
    this.#questions.push(question)
    run.within(() => this.#pump(run, last))
    return await question.answer.promise
  }

  /** Ends the run; rejects with a failure that nobody has been told. */
  async return(): Promise<Result<T>> {
    if (this.#begun === undefined) {
      this.#over = true
      return done()
    }
    const { run } = this.#begun
    run.leave()
    await run.finished
    run.throwIfFailed()
    return done()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #ensureBegun(): Begun<T> {
    try {
      this.#begun ??= this.#begin()
      return this.#begun
    } catch (error) {
      this.#over = true
      throw error
    }
  }

  #pump(run: Run, last: Stage<T>): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#questions.size > 0 && !run.ending) {
      const item = last.poll()
      if (item === PENDING) break
      if (item === END) run.complete()
      else this.#answer(run, item)
    }
    this.#pumping = false
  }

  #answer(run: Run, value: T): void {
    run.items++
    this.#questions.shift()?.answer.resolve({ done: false, value })
  }

  /** The first to ask hears what went wrong, the others that nothing more will come. */
  #answerAll(run: Run): void {
    for (const { answer } of this.#questions) {
      answer.resolve(
        new Promise((resolve) => {
          run.throwIfFailed()
          resolve(done())
        }),
      )
    }
  }
}

interface Begun<T> {
  readonly run: Run
  readonly last: Stage<T>
}

/** A call of `next()` that waits for its answer. */
class Question<T> implements LinkedNode<Question<T>> {
  previous: Question<T> | undefined = undefined
  next: Question<T> | undefined = undefined
  list: LinkedList<Question<T>> | undefined = undefined
  readonly answer = new Deferred<Result<T>>()
}

function done(): IteratorReturnResult<undefined> {
  return { done: true, value: undefined }
}
