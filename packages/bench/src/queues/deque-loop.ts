import Denque from 'denque'

/**
 * What people write by hand: items in a deque, those who wait for one in another. Bounded, without
 * anything that may end a wait early.
 */
export class DequeLoop<T> {
  readonly #items = new Denque<T>()
  readonly #getters = new Denque<(item: T) => void>()
  readonly #putters = new Denque<() => void>()
  readonly #capacity: number

  constructor(capacity: number = Infinity) {
    this.#capacity = capacity
  }

  async put(item: T): Promise<void> {
    while (this.#items.length >= this.#capacity) {
      await new Promise<void>((resolve) => this.#putters.push(resolve))
    }
    const getter = this.#getters.shift()
    if (getter === undefined) this.#items.push(item)
    else getter(item)
  }

  async get(): Promise<T> {
    if (this.#items.length === 0) {
      return await new Promise((resolve) => this.#getters.push(resolve))
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was not empty a line ago
    const item = this.#items.shift() as T
    this.#putters.shift()?.()
    return item
  }
}
