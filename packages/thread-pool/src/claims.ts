/** How many calls a thread may have ahead of it, the running one included. */
export const CALLS_AHEAD = 64

/** A word is 32 bits wide and signed. */
const WORD_RANGE = 2 ** 30

/**
 * Who owns a call that was sent to a thread: one word of shared memory for each. The calls of one
 * thread are numbered from 0 up without end; `+n` is the number of a call, folded into 31 bits.
 *
 *   0 ──offer()──▶ +n ──begin()──▶ −n ──finish()──▶ 0
 *                   └──takeBack()──▶ 0
 *
 * `begin` is the thread's and `takeBack` the pool's; both compare and exchange, so exactly one of
 * them gets the call. This is what lets the pool hand a thread many calls at once, for speed, and
 * still cancel each of them, or give it to a thread that has run dry, or know after a crash which
 * one was running.
 *
 * A mere "offered" in the word would not do: a call that was taken back is still in its message,
 * and when the thread comes to it, the word may be on offer again for a later call.
 */
export class Claims {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CALLS_AHEAD * 4)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Pool: the call may be begun. Its word must be free. */
  offer(number: number): void {
    Atomics.store(this.#words, slotOf(number), wordOf(number))
  }

  /** Pool: gets the call back unless it has begun. */
  takeBack(number: number): boolean {
    const word = wordOf(number)
    return Atomics.compareExchange(this.#words, slotOf(number), word, 0) === word
  }

  /** Thread: gets the call unless it was taken back. */
  begin(number: number): boolean {
    const word = wordOf(number)
    return Atomics.compareExchange(this.#words, slotOf(number), word, -word) === word
  }

  /** Thread: the call has returned or thrown; its answer is on its way. */
  finish(number: number): void {
    Atomics.store(this.#words, slotOf(number), 0)
  }

  /** Pool: whether the thread is inside the call now. */
  isRunning(number: number): boolean {
    return Atomics.load(this.#words, slotOf(number)) === -wordOf(number)
  }
}

/** Which of {@link CALLS_AHEAD} places a call has, in shared memory and elsewhere. */
export function slotOf(number: number): number {
  return number % CALLS_AHEAD
}

/** Never 0, which means free. */
function wordOf(number: number): number {
  return (number % WORD_RANGE) + 1
}
