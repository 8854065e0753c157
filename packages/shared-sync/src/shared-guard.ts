/**
 * Proof that something shared is held, until it is released. One that is dropped without being released
 * stays held as long as its thread uses the primitive: to find that out would cost each of them more than
 * all the rest does. What it held is broken once the thread ends, or drops the primitive and all else
 * that it has of it.
 */
export interface SharedGuard extends Disposable {
  /**
   * Gives back what is held. Never throws, never waits for its turn; the second call does nothing.
   * Only the thread that acquired can release: a guard cannot be sent to another.
   */
  release(): void
}

/**
 * What a guard proves to be held. Both of its functions keep count, in the thread alone, of what
 * guards there are: a thread whose code is terminated gives back what it took and has no guard for.
 */
export interface Holder {
  /** There is a guard from now on. */
  enter(): void
  leave(): void
}

/** A guard of anything. */
export class Guard implements SharedGuard {
  #holder: Holder | undefined

  constructor(holder: Holder) {
    this.#holder = holder
    holder.enter()
  }

  /** Whether it proves that this is held. */
  holds(holder: Holder): boolean {
    return this.#holder === holder
  }

  get isReleased(): boolean {
    return this.#holder === undefined
  }

  /** Holds something else, that has been entered, without leaving what it held. */
  set(holder: Holder): void {
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

/** Calls a function while something is held, and releases that on every path. */
export async function runHolding<Result>(
  acquiring: Promise<SharedGuard>,
  fn: (held: SharedGuard) => Result | PromiseLike<Result>,
): Promise<Result> {
  const held = await acquiring
  try {
    return await fn(held)
  } finally {
    held.release()
  }
}
