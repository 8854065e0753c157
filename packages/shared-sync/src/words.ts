/**
 * The 32-bit words that threads share, and all that may be done to them. The primitives are written
 * against this, so that a test can run them over a memory of its own and decide after every single
 * operation which thread is next.
 */
export interface Words {
  load(index: number): number
  store(index: number, value: number): void
  /**
   * Stores what the others look at only once this thread has ended, when they see whatever it did.
   * Costs no atomic operation, so until then they may see it late.
   */
  note(index: number, value: number): void
  /** Gives what was there before. */
  exchange(index: number, value: number): number
  /** Stores `wanted` if `expected` is there. Gives what was there before. */
  compareExchange(index: number, expected: number, wanted: number): number
  /** Gives what was there before. */
  add(index: number, value: number): number
  /** Blocks the thread until the word is notified, unless `expected` is not there. */
  wait(index: number, expected: number, timeoutMs: number): 'ok' | 'not-equal' | 'timed-out'
  /** Wakes those who wait on the word, `count` of them at most. */
  notify(index: number, count?: number): void
}

/**
 * Words of a SharedArrayBuffer. The only class in a program that is a {@link Words}, so the engine
 * puts its methods where they are called, and they cost what bare `Atomics` cost.
 */
export class SharedWords implements Words {
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer)
  }

  load(index: number): number {
    return Atomics.load(this.#words, index)
  }

  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value)
  }

  note(index: number, value: number): void {
    this.#words[index] = value
  }

  exchange(index: number, value: number): number {
    return Atomics.exchange(this.#words, index, value)
  }

  compareExchange(index: number, expected: number, wanted: number): number {
    return Atomics.compareExchange(this.#words, index, expected, wanted)
  }

  add(index: number, value: number): number {
    return Atomics.add(this.#words, index, value)
  }

  wait(index: number, expected: number, timeoutMs: number): 'ok' | 'not-equal' | 'timed-out' {
    return Atomics.wait(this.#words, index, expected, timeoutMs)
  }

  notify(index: number, count?: number): void {
    Atomics.notify(this.#words, index, count)
  }

  /**
   * Calls back once the word is notified, at once if `expected` is not there. Cannot be taken back,
   * and keeps no process alive.
   *
   * @returns `false` if the engine has no such wait; nothing will be called then.
   */
  onNotify(index: number, expected: number, listener: () => void): boolean {
    // The compiler's library may be older than the engine.
    const { waitAsync } = Atomics as typeof Atomics & AsyncAtomics
    if (waitAsync === undefined) return false
    const { value } = waitAsync(this.#words, index, expected)
    if (typeof value === 'string') queueMicrotask(listener)
    else void value.then(listener)
    return true
  }
}

/** Newer than the ECMAScript that the rest of the source asks for; every Node.js we run on has it. */
interface AsyncAtomics {
  readonly waitAsync?: (
    words: Int32Array,
    index: number,
    expected: number,
  ) => { readonly value: 'not-equal' | 'timed-out' | Promise<'ok' | 'timed-out'> }
}
