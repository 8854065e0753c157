import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '@cupola/core'
import {
  type Breaker,
  findNesting,
  type ThreadOwner,
  type ThreadRecipe,
  WorkerThread,
} from '@cupola/interruptible-worker/authoring'
import type { Roster } from './roster.ts'

/** Starts the threads of a crew, as long as its breaker allows it. */
export class ThreadStarter {
  readonly #recipe: ThreadRecipe
  readonly #clock: Clock
  readonly #breaker: Breaker
  readonly #roster: Roster
  readonly #owner: ThreadOwner
  /** Threads and what they tell belong to the pool, not to the call that led to their start. */
  readonly #context = new AsyncResource('ThreadPool')

  constructor(
    recipe: ThreadRecipe,
    {
      clock,
      breaker,
      roster,
      owner,
    }: Readonly<{ clock: Clock; breaker: Breaker; roster: Roster; owner: ThreadOwner }>,
  ) {
    this.#recipe = recipe
    this.#clock = clock
    this.#breaker = breaker
    this.#roster = roster
    this.#owner = owner
  }

  /** Starts one. Tells the breaker if it cannot be started. */
  start(): WorkerThread | undefined {
    if (!this.#breaker.allowsStart) return undefined
    const order = this.#roster.started
    const nesting = findNesting(this.#recipe.moduleUrl)
    if (nesting !== undefined) {
      this.#breaker.cannotStart(nesting, order)
      return undefined
    }
    try {
      const thread = this.#context.runInAsyncScope(
        () => new WorkerThread(this.#recipe, this.#owner, this.#clock),
      )
      this.#roster.enroll(thread, this.#clock.now())
      return thread
    } catch (cause) {
      this.#breaker.cannotStart({ problem: 'no thread can be started', cause }, order)
      return undefined
    }
  }
}
