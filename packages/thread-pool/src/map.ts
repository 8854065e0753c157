import { setMaxListeners } from 'node:events'
import { Deferred, LinkedList, type LinkedNode, onAbort } from '@cupola/core/authoring'
import type { ArgumentsOf, FunctionName } from '@cupola/interruptible-worker'
import { isPromiseLike } from '@cupola/interruptible-worker/authoring'
import type { CallOptions } from './call-options.ts'

/**
 * How `ThreadPool.map()` makes its calls. `signal`, `concurrency` and `ordered` are about all of
 * them, the others about each.
 */
export interface MapOptions extends Omit<CallOptions, 'transfer' | 'onSettled'> {
  /**
   * Gives everything up when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * How many items may be in the works or waiting to be taken, from 1 up. A lower one than there are
   * threads leaves threads idle.
   *
   * @defaultValue twice `maxThreads`: one call on each thread, and one that follows without a pause
   */
  readonly concurrency?: number | undefined
  /**
   * Whether results come in the order of the items, or as they are there.
   *
   * @defaultValue true
   */
  readonly ordered?: boolean | undefined
}

/** The names of a worker module's functions that can be called with one argument. */
export type MapName<Module> = {
  [Name in FunctionName<Module>]: readonly [MapItem<Module, Name>] extends Readonly<
    ArgumentsOf<Module, Name>
  >
    ? Name
    : never
}[FunctionName<Module>]

/** That argument. */
export type MapItem<Module, Name extends keyof Module> = ArgumentsOf<Module, Name>[0]

/** What `ThreadPool.map()` reads. Items that are promises are awaited, one after the other. */
export type MapSource<Item> = Iterable<Item | PromiseLike<Item>> | AsyncIterable<Item>

/** What {@link Mapping} is made of. */
export interface MappingSettings<Item, Result> {
  readonly items: MapSource<Item>
  readonly call: (item: Item, signal: AbortSignal) => Promise<Result>
  readonly concurrency: number
  readonly ordered: boolean
  readonly signal: AbortSignal | undefined
}

/** Begins when the first result is asked for. */
export async function* mapped<Item, Result>(
  settings: MappingSettings<Item, Result>,
): AsyncGenerator<Result, undefined> {
  yield* new Mapping(settings).results()
}

/** @throws TypeError If `items` cannot be read. */
export function requireItems(items: unknown): void {
  const isObject = typeof items === 'object' && items !== null
  if (isObject && (Symbol.asyncIterator in items || Symbol.iterator in items)) return
  if (typeof items === 'string') return
  throw new TypeError(`Cannot read items: got ${typeof items}, expected an iterable`)
}

/**
 * One walk over items, each of which is given to a call.
 *
 * An item has a place from its call until its result is taken, so whoever takes no results stops the
 * reading as well. The first failure ends it: open calls are given up, and the source is given back.
 */
class Mapping<Item, Result> {
  readonly #settings: MappingSettings<Item, Result>
  readonly #reader: Iterator<unknown> | AsyncIterator<unknown>
  readonly #controller = new AbortController()
  /** Ordered: all places, in the order of the items. Else: those with a result, as they came. */
  readonly #places = new LinkedList<Place<Result>>()
  #occupied = 0
  #inFlight = 0
  #reading = false
  /** The source has ended or failed: it is not to be given back. */
  #sourceOver = false
  #closed = false
  #failure: { readonly error: unknown } | undefined
  #change: Deferred<void> | undefined

  constructor(settings: MappingSettings<Item, Result>) {
    const { items } = settings
    this.#settings = settings
    this.#reader =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
    setMaxListeners(0, this.#controller.signal)
  }

  /** The results. Leaving them early gives up what is open. */
  async *results(): AsyncGenerator<Result, undefined> {
    const abort = onAbort(this.#settings.signal, (reason) => this.#fail(reason))
    try {
      for (;;) {
        this.#fill()
        if (this.#failure !== undefined) throw this.#failure.error
        const { first } = this.#places
        if (first?.result !== undefined) {
          this.#places.remove(first)
          this.#occupied--
          // Whoever takes results may be long in coming back.
          this.#fill()
          yield first.result.value
        } else if (this.#sourceOver && this.#occupied === 0) {
          return
        } else {
          await this.#nextChange()
        }
      }
    } finally {
      abort[Symbol.dispose]()
      await this.#close()
    }
  }

  #fill(): void {
    const { concurrency } = this.#settings
    if (this.#reading || this.#sourceOver || this.#closed) return
    if (this.#occupied < concurrency && this.#failure === undefined) void this.#read()
  }

  /** Reads one item and begins its call; then the next, if there is a place for it. */
  async #read(): Promise<void> {
    this.#reading = true
    try {
      const step = this.#reader.next()
      const { done, value } = isPromiseLike(step) ? await step : step
      if (done === true) this.#sourceOver = true
      else await this.#begin(value)
    } catch (error) {
      this.#sourceOver = true
      this.#fail(error)
    }
    this.#reading = false
    this.#fill()
    this.#changed()
  }

  async #begin(value: unknown): Promise<void> {
    let item = value
    try {
      if (isPromiseLike(value)) item = await value
    } catch (error) {
      // The item failed, not the source.
      return this.#fail(error)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the type of the source says
    if (this.#failure === undefined && !this.#closed) void this.#run(item as Item)
  }

  async #run(item: Item): Promise<void> {
    const place = new Place<Result>()
    const { ordered, call } = this.#settings
    this.#occupied++
    this.#inFlight++
    if (ordered) this.#places.push(place)
    try {
      place.result = { value: await call(item, this.#controller.signal) }
      if (!ordered) this.#places.push(place)
    } catch (error) {
      this.#fail(error)
    }
    this.#inFlight--
    this.#changed()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#controller.abort(this.#failure.error)
    this.#changed()
  }

  async #close(): Promise<void> {
    this.#closed = true
    this.#controller.abort()
    while (this.#inFlight > 0) await this.#nextChange()
    if (this.#sourceOver) return
    try {
      const returned = this.#reader.return?.()
      // A generator that is asked for an item returns after it has given that, which may be never.
      if (this.#reading && this.#failure !== undefined) settleUnheard(returned)
      else await returned
    } catch (error) {
      if (this.#failure === undefined) throw error
    }
  }

  async #nextChange(): Promise<void> {
    this.#change = new Deferred()
    await this.#change.promise
  }

  #changed(): void {
    this.#change?.resolve()
  }
}

/** One item's place. */
class Place<Result> implements LinkedNode<Place<Result>> {
  previous: Place<Result> | undefined = undefined
  next: Place<Result> | undefined = undefined
  list: LinkedList<Place<Result>> | undefined = undefined
  result: { readonly value: Result } | undefined
}

/** What comes of it has nobody to be told: they have heard of the failure. */
function settleUnheard(promise: unknown): void {
  Promise.resolve(promise).catch(() => {})
}
