/** Proof of a right that somebody has, and the only way to give it back. */
export interface Guard extends Disposable {
  /** Gives the right back. Harmless when it was given back already; never throws, never waits. */
  release(): void
}

/** A guard that calls a function when it is released for the first time. */
export class OnceGuard implements Guard {
  #giveBack: (() => void) | undefined

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack
  }

  release(): void {
    const giveBack = this.#giveBack
    this.#giveBack = undefined
    giveBack?.()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/**
 * Calls a function with a guard, and releases that on every path. Where the guard is nobody's business
 * but ours, hand in a function that keeps it from theirs.
 */
export async function runHolding<G extends Guard, Result>(
  acquiring: Promise<G>,
  fn: (guard: G) => Result | PromiseLike<Result>,
): Promise<Result> {
  const guard = await acquiring
  try {
    return await fn(guard)
  } finally {
    guard.release()
  }
}
