import { errorAt, stackHere } from './hold.ts'

/** Somebody who held one lock asked for `lock`. */
interface Later {
  /** Weak, so that a lock that lives long does not keep all that were ever taken under it. */
  readonly lock: WeakRef<LockOrder>
  readonly stack: string
}

/** Which locks were asked for while one lock was held. */
export class LockOrder {
  readonly #later = new Set<Later>()
  readonly #known = new WeakSet<LockOrder>()

  /** Notes that `lock` was asked for while this one was held. */
  addLater(lock: LockOrder): void {
    if (this.#known.has(lock)) return
    this.#known.add(lock)
    this.#later.add({ lock: new WeakRef(lock), stack: stackHere() })
  }

  /**
   * Looks whether `lock` was ever asked for while this one was held, directly or by way of others.
   *
   * @returns Where it was asked for.
   */
  findLater(lock: LockOrder): Error | undefined {
    const seen = new Set<LockOrder>([this])
    for (const before of seen) {
      for (const later of before.#later) {
        const next = later.lock.deref()
        if (next === lock) return errorAt('The other order, seen here', later.stack)
        if (next === undefined) before.#later.delete(later)
        else seen.add(next)
      }
    }
    return undefined
  }
}
