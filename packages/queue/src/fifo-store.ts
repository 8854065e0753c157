import Denque from 'denque'
import type { ItemStore } from './item-store.ts'

/** First in, first out. */
export class FifoStore<T> implements ItemStore<T> {
  readonly #items = new Denque<T>()

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    return this.#items.shift()
  }
}
