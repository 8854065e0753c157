import type { Run } from './run.ts'

/** What a stage answers that has nothing now: it will wake whoever asked. */
export const PENDING: unique symbol = Symbol('cupola: pending')

/** What a stage answers that will never have anything again, then and ever after. */
export const END: unique symbol = Symbol('cupola: end')

/** A stage's answer to being asked for an item. */
export type Polled<T> = T | typeof PENDING | typeof END

/**
 * One stage of a run, asked for its items by the one below it.
 *
 * Items move by polling and waking, as in Rust's `Stream`: whoever has room polls; a stage that has
 * nothing answers {@link PENDING} and calls `wake` when that may have changed. A chain of plain
 * functions is then nothing but calls. The obvious design, a chain of async iterators, pays several
 * promises per item and stage even where nobody has to wait.
 *
 * A stage wakes from the callbacks of promises and timers only, never from within `poll`, so no
 * stage is entered twice. Failures do not travel through stages: they go to {@link Run.fail}.
 */
export interface Stage<T> {
  /** Who polls. Whoever it is writes this, before the first poll. */
  downstream: Downstream
  /** The next item, if there is one. Asking in vain is harmless. */
  poll(): Polled<T>
}

/** The one below a stage. */
export interface Downstream {
  /** Polling may bring something now. A wake in vain is harmless. */
  wake(): void
}

/** Stands below a stage until its true downstream is there. */
export const NOBODY: Downstream = { wake() {} }

/** Builds the stages of one run, from the source down to one that gives `T`. */
export type Open<T> = (run: Run) => Stage<T>
