import { systemClock, type Timer } from '@cupola/core'

/** How often a thread shows that its event loop turns, at least. */
const LONGEST_TICK_MS = 1000

/**
 * The pulse of a thread: a word in shared memory in which its event loop keeps writing the time. Other
 * threads see how long it has not: nothing has to be delivered for that, which is what a thread cannot do
 * while it is blocked.
 *
 * The time is `process.hrtime()`, the one clock that all threads of a process share.
 */
export class Pulse {
  /** To hand to the thread that reads it. */
  readonly buffer: SharedArrayBuffer
  readonly #word: BigInt64Array
  readonly #tickMs: number

  /**
   * @param tickMs - How often it is written.
   * @param buffer - Of another thread's pulse, to read it.
   */
  constructor(tickMs: number, buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#tickMs = Math.min(tickMs, LONGEST_TICK_MS)
    this.buffer = buffer
    this.#word = new BigInt64Array(buffer)
  }

  /** Begins to write, and says `onTick` at each time. It does not keep the process alive. */
  start(onTick: () => void): Disposable {
    let timer: Timer
    const tick = (): void => {
      Atomics.store(this.#word, 0, process.hrtime.bigint())
      timer = systemClock.setTimer(tick, this.#tickMs)
      timer.unref()
      onTick()
    }
    tick()
    return { [Symbol.dispose]: () => timer.cancel() }
  }

  /** How long it has not been written since it should have been. */
  get blockedMs(): number {
    const quietNs = process.hrtime.bigint() - Atomics.load(this.#word, 0)
    return Math.max(0, Math.round(Number(quietNs) / 1e6 - this.#tickMs))
  }
}
