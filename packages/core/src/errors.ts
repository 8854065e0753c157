/**
 * Base of every operational failure that the toolkit raises. Bad arguments are the platform's
 * `TypeError` and `RangeError`; an error thrown by your own function reaches you untouched.
 *
 * @example Tell failures apart
 * ```ts
 * import { CupolaError, TimeoutError } from '@cupola/core'
 *
 * const error = new TimeoutError('acquire the lock', 250)
 * error instanceof CupolaError // => true
 * error.code // => 'ERR_TIMEOUT'
 * error.message // => 'Cannot acquire the lock: waited 250 ms'
 * ```
 */
export abstract class CupolaError extends Error {
  /** Stable identifier. Branch on this; `message` may change in any release. */
  abstract readonly code: `ERR_${string}`
}

/** The wait, or the work, outlasted its `timeout`. A wait that ends so has left its queue. */
export class TimeoutError extends CupolaError {
  readonly code = 'ERR_TIMEOUT'
  /** The limit that was exceeded, in milliseconds. */
  readonly timeout: number

  /**
   * @param action - What was not done in time; completes "Cannot …".
   * @param timeout - The limit that was exceeded, in milliseconds.
   * @param options - The `cause`, where there is one.
   */
  constructor(action: string, timeout: number, options?: ErrorOptions) {
    super(`Cannot ${action}: waited ${timeout} ms`, options)
    this.timeout = timeout
  }

  override get name(): string {
    return 'TimeoutError'
  }
}

/** You closed it. What failed by itself raises a {@link BrokenError}. */
export class ClosedError extends CupolaError {
  readonly code = 'ERR_CLOSED'

  /**
   * @param action - What cannot be done any more; completes "Cannot …".
   * @param object - What is closed, with its article: "the thread pool".
   * @param options - The `cause`, where there is one.
   */
  constructor(action: string, object: string, options?: ErrorOptions) {
    super(`Cannot ${action}: ${object} is closed`, options)
  }

  override get name(): string {
    return 'ClosedError'
  }
}

/** It failed by itself: a thread died, a disk was full, a peer went away. `cause` says why. */
export class BrokenError extends CupolaError {
  readonly code = 'ERR_BROKEN'

  /**
   * @param action - What could not be done; completes "Cannot …".
   * @param problem - What happened, as a clause: "its thread ended with exit code 1".
   * @param options - The `cause`, where there is one.
   */
  constructor(action: string, problem: string, options?: ErrorOptions) {
    super(`Cannot ${action}: ${problem}`, options)
  }

  override get name(): string {
    return 'BrokenError'
  }
}

/** There was no room, and nothing was taken on. */
export class FullError<Refused = unknown> extends CupolaError {
  readonly code = 'ERR_FULL'
  /** What was not taken: yours again, unchanged. */
  readonly refused: Refused

  /**
   * @param action - What was refused; completes "Cannot …".
   * @param problem - What is full, as a clause: "all 100 places of the queue are taken".
   * @param refused - What was not taken.
   * @param options - The `cause`, where there is one.
   */
  constructor(action: string, problem: string, refused: Refused, options?: ErrorOptions) {
    super(`Cannot ${action}: ${problem}`, options)
    this.refused = refused
  }

  override get name(): string {
    return 'FullError'
  }
}

/**
 * How far an interruption had to go before the code ended, mildest first: it was still `queued`;
 * its abort `signal` was enough; it reached a `checkpoint`; its `execution` was terminated and the
 * thread lived on; the whole `thread` was ended.
 */
export type InterruptStage = 'queued' | 'signal' | 'checkpoint' | 'execution' | 'thread'

/** Running code was ended from outside. */
export class InterruptedError extends CupolaError {
  readonly code = 'ERR_INTERRUPTED'
  /** What it took to end the code. */
  readonly stage: InterruptStage

  /**
   * @param action - What was interrupted; completes "Cannot …".
   * @param stage - What it took to end the code.
   * @param options - The `cause`: the reason of whoever interrupted.
   */
  constructor(action: string, stage: InterruptStage, options?: ErrorOptions) {
    super(`Cannot ${action}: it was interrupted (${stage})`, options)
    this.stage = stage
  }

  override get name(): string {
    return 'InterruptedError'
  }
}

/** A promise that this toolkit makes to itself does not hold. Please report it. */
export class InvariantError extends CupolaError {
  readonly code = 'ERR_INVARIANT'

  /** @param fact - What should always be so, and was not. */
  constructor(fact: string) {
    super(`Cannot go on: "${fact}" does not hold, please report this`)
  }

  override get name(): string {
    return 'InvariantError'
  }
}
