import { Deferred } from '@cupola/core/authoring'

/** How a task ended, if it has, and the promise of it, if somebody asked. */
export class Settlement {
  #outcome: 'pending' | 'fulfilled' | 'rejected' = 'pending'
  #value: unknown
  #deferred: Deferred<unknown> | undefined

  /** Made when it is first asked for: what nobody looks at cannot be an unhandled rejection. */
  get promise(): Promise<unknown> {
    this.#deferred ??= this.#promise()
    return this.#deferred.promise
  }

  /** What the task returned, or why it failed; `undefined` before. */
  get value(): unknown {
    return this.#value
  }

  fulfill(value: unknown): void {
    this.#outcome = 'fulfilled'
    this.#value = value
    this.#deferred?.resolve(value)
  }

  reject(reason: unknown): void {
    this.#outcome = 'rejected'
    this.#value = reason
    this.#deferred?.reject(reason)
  }

  #promise(): Deferred<unknown> {
    const deferred = new Deferred<unknown>()
    if (this.#outcome === 'fulfilled') deferred.resolve(this.#value)
    if (this.#outcome === 'rejected') deferred.reject(this.#value)
    return deferred
  }
}
