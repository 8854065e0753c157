import { AsyncLocalStorage } from 'node:async_hooks'
import type { Lockable } from '../lockable.ts'
import type { HoldKind } from './hold.ts'
import type { Party } from './party.ts'
import type { Place } from './place.ts'

/** What one call of `runRead()` or `runWrite()` holds. */
export interface Held {
  readonly lock: Lockable
  readonly kind: HoldKind
  readonly place: Place
  /** Where in the lock its code is. */
  readonly party: Party
  /** Whether all who hold something around it are known to wait for its party. */
  readonly isLinked: boolean
}

/** One call of `runRead()` or `runWrite()`: the code of its function holds the lock, until it ends. */
export class Run {
  /**
   * The run whose code runs now. One for all locks, for a deadlock may take two of them; made when
   * the first run begins, as on Node.js 20 it slows every promise of the process down.
   */
  static #current: AsyncLocalStorage<Run> | undefined

  readonly held: Held
  #outer: Run | undefined
  #isOver = false

  /** Is inside the run whose code runs now, if there is one. */
  constructor(held: Held) {
    this.held = held
    this.#outer = Run.#current?.getStore()
  }

  /** Calls `fn`: all that it calls or starts is code of this run until its promise settles. */
  async call<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    Run.#current ??= new AsyncLocalStorage()
    try {
      return await Run.#current.run(this, fn)
    } finally {
      this.#isOver = true
    }
  }

  /** What the code that runs now holds, the latest first. */
  static heldHere(): Held[] {
    const all: Held[] = []
    let run = Run.#firstNotOver(Run.#current?.getStore())
    while (run !== undefined) {
      all.push(run.held)
      // Forgets those that are over: of runs that each start the next, the last would keep them all.
      run.#outer = Run.#firstNotOver(run.#outer)
      run = run.#outer
    }
    return all
  }

  static #firstNotOver(run: Run | undefined): Run | undefined {
    let first = run
    while (first !== undefined && first.#isOver) first = first.#outer
    return first
  }
}
