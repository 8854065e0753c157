/** Proof that something shared is held, until it is released. */
export interface SharedGuard extends Disposable {
  /**
   * Gives back what is held. Never throws, never waits for its turn; the second call does nothing.
   * Only the thread that acquired can release: a guard cannot be sent to another.
   */
  release(): void
}

/** What can be left, once. */
export interface Holder {
  leave(): void
}

/** A guard of anything. */
export class Guard implements SharedGuard {
  #holder: Holder | undefined

  constructor(holder: Holder) {
    this.#holder = holder
  }

  release(): void {
    const holder = this.#holder
    if (holder === undefined) return
    this.#holder = undefined
    holder.leave()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
