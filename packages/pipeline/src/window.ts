import { LinkedList, type LinkedNode } from '@cupola/core/authoring'
import { isPromiseLike } from './promise-like.ts'
import type { StageReport } from './report.ts'
import type { Run } from './run.ts'
import { type Downstream, END, NOBODY, PENDING, type Polled, type Stage } from './stage.ts'
import type { StageContext } from './stage-context.ts'

/** What a function answers that lets an item fall. */
export const DROPPED: unique symbol = Symbol('cupola: dropped')

/** What a {@link Window} does with each item. */
export type Work<In, Out> = (
  item: In,
  context: StageContext,
) => Answer<Out> | PromiseLike<Answer<Out>>

type Answer<Out> = Out | typeof DROPPED

/** How a {@link Window} does it. */
export interface WindowSettings<In, Out> {
  readonly name: string
  readonly work: Work<In, Out>
  readonly concurrency: number
  readonly ordered: boolean
}

/**
 * Calls a function with each item, up to `concurrency` items at a time: `map`, `via`, `filter`, `tap`
 * and `forEach` are this stage with different functions.
 *
 * An item has a place in the window from the call of its function until it is handed on, so a slow
 * consumer below fills the window and thereby stops the stage. A place that becomes free is taken
 * at once, without waiting to be asked: all stages of a pipeline are at work at the same time.
 */
export class Window<In, Out> implements Stage<Out>, Downstream {
  downstream: Downstream = NOBODY
  readonly #run: Run
  readonly #upstream: Stage<In>
  readonly #settings: WindowSettings<In, Out>
  /** Ordered: all places, in the order of the items. Else: those with an answer, as they came. */
  readonly #places = new LinkedList<Place<Out>>()
  /** Places taken: calls in flight, and answers that nobody has fetched. Never over `concurrency`. */
  #occupied = 0
  #taken = 0
  #done = 0
  #inFlight = 0

  constructor(run: Run, upstream: Stage<In>, settings: WindowSettings<In, Out>) {
    this.#run = run
    this.#upstream = upstream
    this.#settings = settings
    upstream.downstream = this
    run.join(this)
  }

  poll(): Polled<Out> {
    while (this.#occupied === 0) {
      // Nothing is under way, so what the function answers at once needs no place.
      const item = this.#upstream.poll()
      if (item === PENDING) return PENDING
      if (item === END) return END
      const answer = this.#begin(item)
      if (answer === PENDING) break
      if (answer !== DROPPED) return answer
    }
    // First, as what the function answers at once may overtake those that are under way.
    this.#fill()
    const answer = this.#fetch()
    if (answer !== PENDING) this.#fill()
    return answer
  }

  wake(): void {
    this.#fill()
    const { first } = this.#places
    // With no place taken it is the end that woke us, and those below have to hear of it.
    if (first === undefined ? this.#occupied === 0 : first.answer !== PENDING) {
      this.downstream.wake()
    }
  }

  report(): StageReport {
    const { name } = this.#settings
    return { name, taken: this.#taken, done: this.#done, inFlight: this.#inFlight }
  }

  #fill(): void {
    while (this.#occupied < this.#settings.concurrency) {
      const item = this.#upstream.poll()
      if (item === PENDING || item === END) return
      const answer = this.#begin(item)
      if (answer === PENDING || answer === DROPPED) continue
      this.#occupied++
      this.#places.push(new Place<Out>(answer))
    }
  }

  #fetch(): Out | typeof PENDING {
    const place = this.#places.first
    if (place === undefined || place.answer === PENDING) return PENDING
    this.#places.remove(place)
    this.#occupied--
    return place.answer
  }

  /** Calls the function. `PENDING` says that the item got a place, and its answer will come there. */
  #begin(item: In): Answer<Out> | typeof PENDING {
    // An item may be on its way down when a function on the way ends the run.
    if (this.#run.ending) return DROPPED
    this.#taken++
    this.#inFlight++
    this.#run.enter()
    try {
      const answer = this.#settings.work(item, this.#run.context)
      if (isPromiseLike(answer)) {
        this.#await(Promise.resolve(answer))
        return PENDING
      }
      this.#count()
      return answer
    } catch (error) {
      this.#fail(error)
      return DROPPED
    }
  }

  #await(answer: Promise<Answer<Out>>): void {
    const place = new Place<Out>(PENDING)
    this.#occupied++
    if (this.#settings.ordered) this.#places.push(place)
    answer.then(
      (value) => this.#answered(place, value),
      (error: unknown) => this.#fail(error),
    )
  }

  #answered(place: Place<Out>, answer: Answer<Out>): void {
    if (answer === DROPPED) {
      this.#places.remove(place)
      this.#occupied--
    } else {
      place.answer = answer
      if (!this.#settings.ordered) this.#places.push(place)
    }
    this.#count()
    this.wake()
  }

  #count(): void {
    this.#inFlight--
    this.#done++
    this.#run.exit()
  }

  #fail(error: unknown): void {
    this.#inFlight--
    this.#run.fail(error)
    this.#run.exit()
  }
}

/** One item's place in a window. */
class Place<Out> implements LinkedNode<Place<Out>> {
  previous: Place<Out> | undefined = undefined
  next: Place<Out> | undefined = undefined
  list: LinkedList<Place<Out>> | undefined = undefined
  answer: Out | typeof PENDING

  constructor(answer: Out | typeof PENDING) {
    this.answer = answer
  }
}
