/** How many calls a thread may have ahead of it, the running one included. */
export const CALLS_AHEAD = 256

/** A word is 32 bits wide and signed; two of them are the state. */
const NUMBER_RANGE = 2 ** 28

const OFFERED = 0
const RUNNING = 1
const AWAITING = 2
const SEIZED = 3

/**
 * Who owns a call that was sent to a thread: one word of shared memory for each, which says which
 * call (the calls of one thread are numbered from 0 up without end) and in which state:
 *
 *   free ──offer()──▶ offered ──begin()──▶ running ──finish()──▶ free
 *     ▲                  │                  ▲   │ │                ▲
 *     └───takeBack()─────┘         release()│   │ └─promise()──▶ awaiting ──settle()──▶ free
 *                                           │   ▼
 *                                           seized ──────clear()─────▶ free
 *
 * `begin` is the thread's and `takeBack` the owner's, and so are `finish` and `seize`: both sides
 * compare and exchange, so exactly one of them gets the call. This is what lets an owner hand a
 * thread many calls at once, for speed, and still cancel each of them, or give it to a thread that
 * has run dry, or know after a crash which one was running.
 *
 * A call is seized in order to terminate what the thread is executing, which hits whatever that is.
 * So the thread, when it comes to the end of a seized call, waits there until it has been hit:
 * nothing but that call can be.
 *
 * A mere state without a number would not do: a call that was taken back is still in its message,
 * and when the thread comes to it, the word may be on offer again for a later call.
 */
export class Claims {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CALLS_AHEAD * 4)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Owner: the call may be begun. The one that had its word must be answered. */
  offer(number: number): void {
    Atomics.store(this.#words, slotOf(number), wordOf(number, OFFERED))
  }

  /** Owner: gets the call back unless it has begun. */
  takeBack(number: number): boolean {
    return this.#exchange(number, wordOf(number, OFFERED), 0)
  }

  /** Thread: gets the call unless it was taken back. */
  begin(number: number): boolean {
    return this.#exchange(number, wordOf(number, OFFERED), wordOf(number, RUNNING))
  }

  /** Thread: the call has returned or thrown. If it is seized, waits to be hit. */
  finish(number: number): void {
    while (!this.#exchange(number, wordOf(number, RUNNING), 0)) this.waitWhileSeized(number)
  }

  /**
   * Thread: the call has returned a promise, or something that has yet to be cloned. If it is seized,
   * waits to be hit.
   */
  promise(number: number): void {
    const awaiting = wordOf(number, AWAITING)
    while (!this.#exchange(number, wordOf(number, RUNNING), awaiting)) this.waitWhileSeized(number)
  }

  /**
   * Thread: the promise of the call has settled. Not a mere store: if the answer has left already, the
   * word may be on offer again for a later call.
   */
  settle(number: number): void {
    this.#exchange(number, wordOf(number, AWAITING), 0)
  }

  /** Owner: from now on the thread cannot leave the call. Only while it is inside, synchronously. */
  seize(number: number): boolean {
    return this.#exchange(number, wordOf(number, RUNNING), wordOf(number, SEIZED))
  }

  /** Owner: undoes {@link seize}. */
  release(number: number): void {
    if (!this.#exchange(number, wordOf(number, SEIZED), wordOf(number, RUNNING))) return
    Atomics.notify(this.#words, slotOf(number))
  }

  /** Thread: whether the call is seized. A negative number is no call at all, which nobody can seize. */
  isSeized(number: number): boolean {
    return number >= 0 && Atomics.load(this.#words, slotOf(number)) === wordOf(number, SEIZED)
  }

  /** Thread: waits until the call is released, or for the hit. */
  waitWhileSeized(number: number): void {
    Atomics.wait(this.#words, slotOf(number), wordOf(number, SEIZED))
  }

  /** Thread: the seized call has been hit, and is over. */
  clear(number: number): void {
    Atomics.store(this.#words, slotOf(number), 0)
  }

  /** Owner: whether the thread has begun the call and not ended it. */
  isRunning(number: number): boolean {
    const word = Atomics.load(this.#words, slotOf(number))
    return word > wordOf(number, OFFERED) && word <= wordOf(number, SEIZED)
  }

  /** Owner: whether the call has returned what is not settled, or not cloned. */
  isAwaiting(number: number): boolean {
    return Atomics.load(this.#words, slotOf(number)) === wordOf(number, AWAITING)
  }

  #exchange(number: number, expected: number, wanted: number): boolean {
    return Atomics.compareExchange(this.#words, slotOf(number), expected, wanted) === expected
  }
}

/** Which of {@link CALLS_AHEAD} places a call has, in shared memory and elsewhere. */
export function slotOf(number: number): number {
  return number % CALLS_AHEAD
}

/** Never 0, which means free. */
function wordOf(number: number, state: number): number {
  return ((number % NUMBER_RANGE) + 1) * 4 + state
}
