import { constants } from 'node:os'
import { Deferred } from '@cupola/core/authoring'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that asks a process to end. */
export type InterruptingSignal = (typeof SIGNALS)[number]

/** Somebody wants the command to end: its process got a signal. */
export class Interruption extends Error {
  readonly signal: InterruptingSignal

  constructor(signal: InterruptingSignal) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }

  override get name(): string {
    return 'Interruption'
  }

  /** What a shell expects of a command that ended because of a signal. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal]
  }
}

/** How long saving and ending the threads may take before the process ends without waiting. */
const GRACE_MS = 750

/**
 * Listens for the signals that end a process. The first aborts {@link signal}; a second one ends
 * the process at once, as if nobody listened.
 */
export class Interruptions {
  readonly #controller = new AbortController()
  readonly #overdue = new Deferred<never>()
  readonly #listeners = SIGNALS.map((name) => ({ name, listener: () => this.#interrupt(name) }))
  #timer: NodeJS.Timeout | undefined

  constructor() {
    for (const { name, listener } of this.#listeners) process.on(name, listener)
  }

  /** Aborts with an {@link Interruption}. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /**
   * Waits for work that heeds {@link signal}, but not for long once that has aborted: a thread
   * inside a read from a disk that does not answer cannot be ended.
   */
  within<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#overdue.promise])
  }

  /** Listens no more. */
  end(): void {
    clearTimeout(this.#timer)
    for (const { name, listener } of this.#listeners) process.off(name, listener)
  }

  #interrupt(name: InterruptingSignal): void {
    this.end()
    const reason = new Interruption(name)
    this.#timer = setTimeout(() => this.#overdue.reject(reason), GRACE_MS)
    this.#controller.abort(reason)
  }
}
