import { getEventListeners } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach } from 'vitest'
import { eventLoopTurn } from './until.ts'

/** What is closed may take a moment to be gone; a leak stays for ever. */
const PATIENCE_MS = 2000

/** The runner has timers of its own that come and go. Those of ours are a clock's business. */
const NOT_OURS = ['Timeout', 'Immediate']

/**
 * Makes every test of the file fail that leaves something behind: a thread, a socket, a watcher or
 * another handle that was not there when it began, or a listener on a signal that it watches.
 * Unhandled rejections fail a run by themselves.
 *
 * Call it before the first `beforeEach` of the file, so that what those make counts as well.
 *
 * @returns Where a test enters the signals to watch.
 */
export function expectNoLeaks(): Pick<LeakWatch, 'watch'> {
  let current: LeakWatch | undefined
  beforeEach(() => {
    current = new LeakWatch()
  })
  afterEach(async () => {
    const left = (await current?.end()) ?? []
    if (left.length > 0) throw new Error(`The test left behind: ${left.join(', ')}`)
  })
  return {
    watch: (signal) => current?.watch(signal) ?? signal,
  }
}

/** Remembers what was there when it was made, and what is made from then on. */
export class LeakWatch {
  readonly #before = resources()
  readonly #threads = new Set<Worker>()
  readonly #signals = new Set<AbortSignal>()

  constructor() {
    process.on('worker', this.#count)
  }

  /** Counts the listeners that are left on `signal` at the end; hands it back. */
  watch(signal: AbortSignal): AbortSignal {
    this.#signals.add(signal)
    return signal
  }

  /** Says what is left, once nothing is, or patience is over. */
  async end(patienceMs: number = PATIENCE_MS): Promise<string[]> {
    const deadline = performance.now() + patienceMs
    while (this.#left().length > 0 && performance.now() < deadline) await eventLoopTurn()
    process.off('worker', this.#count)
    return this.#left()
  }

  #left(): string[] {
    const signals = [...this.#signals]
    return [
      ...surplus(resources(), this.#before),
      ...[...this.#threads].map(() => 'thread'),
      ...signals.flatMap((signal) => getEventListeners(signal, 'abort').map(() => 'listener')),
    ]
  }

  /** A thread is no resource in Node's list: it is counted when it starts and when it ends. */
  readonly #count = (thread: Worker): void => {
    this.#threads.add(thread)
    thread.once('exit', () => this.#threads.delete(thread))
  }
}

function resources(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => !NOT_OURS.includes(resource))
}

/** What `now` has more of than `before`. */
function surplus(now: readonly string[], before: readonly string[]): string[] {
  const known = [...before]
  return now.filter((resource) => {
    const index = known.indexOf(resource)
    if (index !== -1) known.splice(index, 1)
    return index === -1
  })
}
