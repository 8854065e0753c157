/** How a task ended, if it has, and the promise of it, if somebody asked. */
export class Settlement {
  #outcome: 'pending' | 'fulfilled' | 'rejected' = 'pending'
  #value: unknown = undefined
  #promise: Promise<unknown> | undefined = undefined
  #resolve: ((value: unknown) => void) | undefined = undefined

  /** One that has ended so already. */
  static rejected(reason: unknown): Settlement {
    const settlement = new Settlement()
    settlement.reject(reason)
    return settlement
  }

  /** Made when it is first asked for: what nobody looks at cannot be an unhandled rejection. */
  get promise(): Promise<unknown> {
    this.#promise ??= this.#make()
    return this.#promise
  }

  /** What the task returned, or why it failed; `undefined` before. */
  get value(): unknown {
    return this.#value
  }

  fulfill(value: unknown): void {
    this.#outcome = 'fulfilled'
    this.#value = value
    this.#resolve?.(value)
  }

  reject(reason: unknown): void {
    this.#outcome = 'rejected'
    this.#value = reason
    // Of the two handles of a promise one is enough, and a hundred thousand tasks keep one less.
    this.#resolve?.(Promise.reject(reason))
  }

  #make(): Promise<unknown> {
    if (this.#outcome === 'fulfilled') return Promise.resolve(this.#value)
    if (this.#outcome === 'rejected') return Promise.reject(this.#value)
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }
}
