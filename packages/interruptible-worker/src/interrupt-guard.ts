import type { Claims } from './claims.ts'

/** Words of the shared memory. */
const INTERRUPTED = 0
const SCOPES = 1
const MASKS = 2
const WORDS = 3

/** As in the claims, whose words have two bits more. */
const NUMBER_RANGE = 2 ** 28

/** What keeps a thread from being hit for a while. */
type Shelter = typeof SCOPES | typeof MASKS

/**
 * What both sides have to know when the code of a call is to be ended: which call is told to stop at
 * its next checkpoint, and whether the thread is somewhere where it must not be hit.
 *
 * It must not be hit in an async scope, whose id nobody would take off Node's stack again: Node
 * aborts the process when it finds that out. And not where the call said that it is
 * uninterruptible.
 *
 * The thread says that it enters, and then looks whether it is seized; the owner seizes it, and then
 * looks whether it has entered. Whatever the order, at least one of them sees the other.
 */
export class InterruptGuard {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array
  /** Thread: which entries still count. */
  #epoch = 0

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Owner: the call shall end at its next checkpoint. Wakes it if it sleeps there. */
  interrupt(number: number): void {
    Atomics.store(this.#words, INTERRUPTED, markOf(number))
    Atomics.notify(this.#words, INTERRUPTED)
  }

  /** Thread: whether the call shall end. One atomic load. */
  isInterrupted(number: number): boolean {
    return Atomics.load(this.#words, INTERRUPTED) === markOf(number)
  }

  /** Thread: blocks for so many milliseconds, or until a call is interrupted. */
  sleep(number: number, milliseconds: number): void {
    const seen = Atomics.load(this.#words, INTERRUPTED)
    if (seen !== markOf(number)) Atomics.wait(this.#words, INTERRUPTED, seen, milliseconds)
  }

  /** Owner: whether the thread is inside an async scope. */
  get inScope(): boolean {
    return Atomics.load(this.#words, SCOPES) > 0
  }

  /** Owner: whether the thread is inside an uninterruptible section. */
  get isMasked(): boolean {
    return Atomics.load(this.#words, MASKS) > 0
  }

  /**
   * Thread: enters a scope in the call of that number; waits as long as that is seized. Between two
   * calls, or at import, the number is negative.
   *
   * @returns What {@link leaveScope} has to be given.
   */
  enterScope(claims: Claims, number: number): number {
    return this.#enter(SCOPES, claims, number)
  }

  /** Thread: undoes {@link enterScope}. */
  leaveScope(epoch: number): void {
    this.#leave(SCOPES, epoch)
  }

  /** Thread: enters an uninterruptible section, otherwise as {@link enterScope}. */
  enterMask(claims: Claims, number: number): number {
    return this.#enter(MASKS, claims, number)
  }

  /** Thread: undoes {@link enterMask}. */
  leaveMask(epoch: number): void {
    this.#leave(MASKS, epoch)
  }

  /** Thread: it has been hit, so that it left nothing by itself. */
  reset(): void {
    this.#epoch++
    Atomics.store(this.#words, SCOPES, 0)
    Atomics.store(this.#words, MASKS, 0)
  }

  #enter(shelter: Shelter, claims: Claims, number: number): number {
    Atomics.add(this.#words, shelter, 1)
    while (claims.isSeized(number)) {
      Atomics.sub(this.#words, shelter, 1)
      claims.waitWhileSeized(number)
      Atomics.add(this.#words, shelter, 1)
    }
    return this.#epoch
  }

  #leave(shelter: Shelter, epoch: number): void {
    if (epoch === this.#epoch) Atomics.sub(this.#words, shelter, 1)
  }
}

/** Never 0, which means nobody. */
function markOf(number: number): number {
  return (number % NUMBER_RANGE) + 1
}
