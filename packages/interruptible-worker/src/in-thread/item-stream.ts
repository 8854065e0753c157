import type { Outbox } from './outbox.ts'
import { isPromiseLike } from './promise-like.ts'

/** An item may wait for so long for others to travel with, as answers do. */
const FLUSH_AFTER_MS = 0.1

/** After so long the event loop gets a turn, so that the thread hears that nobody wants any more. */
const TURN_AFTER_MS = 1

/** What gives the items. */
type Items = Iterator<unknown> | AsyncIterator<unknown>

/**
 * Sends what the function of one call gives, item by item, to whoever takes them, and never more than
 * there is credit for.
 *
 * A generator is left by its `return()`, as a `for` loop would, so that its `finally` runs: when it
 * is told to, when the call is interrupted, and when an item cannot be sent.
 */
export class ItemStream {
  readonly #number: number
  readonly #outbox: Outbox
  #credit: number
  #stopped = false
  /** Who waits for credit. */
  #onCredit: (() => void) | undefined
  /** Items not sent yet. */
  #items: unknown[] = []
  #failure: { readonly error: unknown } | undefined
  #turnedAt = performance.now()
  #gaveAt = performance.now()
  #flushing = false

  constructor(number: number, credit: number, outbox: Outbox) {
    this.#number = number
    this.#credit = credit
    this.#outbox = outbox
  }

  /** So many items more, or no more at all if it is none. */
  grant(items: number): void {
    this.#credit += items
    if (items === 0) this.#stopped = true
    this.#onCredit?.()
  }

  /** Sends all items of what the function gave. Rejects with what it throws. */
  async pour(given: unknown): Promise<void> {
    const items = itemsOf(isPromiseLike(given) ? await given : given)
    try {
      while (await this.#mayGoOn()) {
        const step = items.next()
        const { done, value } = isPromiseLike(step) ? await step : step
        if (done === true) return this.#end()
        if (isPromiseLike(value)) await this.#giveLater(value)
        else this.#give(value)
      }
    } catch (error) {
      // What came before the error goes before it.
      this.#flush()
      throw error
    }
    await items.return?.()
    this.#end()
  }

  async #mayGoOn(): Promise<boolean> {
    if (this.#credit === 0 && !this.#stopped && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#onCredit = resolve))
      this.#turned()
    } else if (performance.now() - this.#turnedAt > TURN_AFTER_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turned()
    }
    return !this.#stopped && this.#failure === undefined
  }

  #turned(): void {
    this.#turnedAt = performance.now()
    this.#gaveAt = this.#turnedAt
  }

  /** Keeps an item for company only if the one before it was quick to come as well. */
  #give(item: unknown): void {
    const now = performance.now()
    const tookMs = now - this.#gaveAt
    this.#gaveAt = now
    this.#credit--
    this.#items.push(item)
    const waitedMs = now - this.#outbox.flushedAt
    if (this.#credit === 0 || tookMs > FLUSH_AFTER_MS || waitedMs > FLUSH_AFTER_MS) this.#flush()
    else this.#flushLater()
  }

  /** A promise for an item may reject, but whoever gave it has not ended by that. */
  async #giveLater(item: PromiseLike<unknown>): Promise<void> {
    try {
      this.#give(await item)
    } catch (error) {
      this.#flush()
      this.#failure ??= { error }
    }
  }

  /** When the generator awaits something. */
  #flushLater(): void {
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #end(): void {
    this.#flush()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #flush(): void {
    const items = this.#items
    if (items.length === 0 || this.#failure !== undefined) return
    this.#items = []
    try {
      this.#outbox.say(this.#number, 'item', items)
    } catch {
      this.#sendOneByOne(items)
    }
  }

  /** One of them cannot be cloned: those before it are sent, and there it ends. */
  #sendOneByOne(items: readonly unknown[]): void {
    try {
      for (const item of items) this.#outbox.say(this.#number, 'item', [item])
    } catch (error) {
      this.#failure = { error }
    }
  }
}

function itemsOf(given: unknown): Items {
  const iterate = methodOf(given, Symbol.asyncIterator) ?? methodOf(given, Symbol.iterator)
  if (iterate === undefined || typeof given === 'string') {
    const kind = given === null ? 'null' : typeof given
    throw new TypeError(`Cannot stream: the function gave ${kind}, expected something iterable`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what such a method returns
  return Reflect.apply(iterate, given, []) as Items
}

function methodOf(value: unknown, key: symbol): (() => unknown) | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const method: unknown = Reflect.get(value, key)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever it takes, it gets nothing
  return typeof method === 'function' ? (method as () => unknown) : undefined
}
