import { Deferred, onAbort } from '@cupola/core/authoring'
import type { Call, CallListener, CallRequest } from '@cupola/interruptible-worker/authoring'
import type { CallOptions } from './call-options.ts'

/** How `ThreadPool.stream()` makes its call. */
export interface StreamOptions extends Omit<CallOptions, 'retries' | 'onSettled'> {
  /**
   * How many items the function may be ahead of whoever takes them, from 1 up.
   *
   * @defaultValue 16
   */
  readonly highWaterMark?: number | undefined
}

/** Makes a call, and tells how it ends. May throw. */
export type MakeCall = (request: CallRequest) => Promise<unknown>

/**
 * The items of one call, as they come. The call is made when the first is asked for.
 *
 * The thread may be so many items ahead as it has credit. It gets more when half of that has been
 * taken, so that it need not wait for each, and never has more than that on their way or here.
 */
export class CallStream<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #makeCall: MakeCall
  readonly #request: CallRequest
  readonly #credit: number
  readonly #controller = new AbortController()
  #state: 'new' | 'open' | 'left' | 'over' = 'new'
  #call: Call | undefined
  #abort: Disposable | undefined
  /** Resolves when the call has settled, however. */
  readonly #settled = new Deferred<void>()
  #failure: { readonly error: unknown } | undefined
  /** Items that nobody has asked for, from `#first` on. */
  #items: unknown[] = []
  #first = 0
  /** How many were taken since the thread was given credit. */
  #taken = 0
  readonly #questions: Deferred<IteratorResult<Item, undefined>>[] = []

  constructor(request: CallRequest, credit: number, makeCall: MakeCall) {
    this.#makeCall = makeCall
    this.#request = request
    this.#credit = credit
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#state === 'new') this.#open()
    if (this.#first < this.#items.length) return Promise.resolve(this.#take())
    if (this.#state !== 'open') return this.#ending()
    const question = new Deferred<IteratorResult<Item, undefined>>()
    this.#questions.push(question)
    return question.promise
  }

  /** Ends the call: takes it back if it has not begun, or else lets its `finally` run and waits. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    const { thread } = this.#call ?? {}
    if (this.#state === 'new') this.#state = 'over'
    if (this.#state === 'open') {
      this.#state = 'left'
      if (this.#call && thread?.isRunning(this.#call)) thread.grant(this.#call, 0)
      else this.#controller.abort(LEFT)
    }
    this.#items = []
    this.#first = 0
    if (this.#state !== 'over') await this.#settled.promise
    return await this.#ending()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #open(): void {
    this.#state = 'open'
    try {
      const { signal } = this.#request
      this.#abort = onAbort(signal, (reason) => this.#controller.abort(reason))
      const listener = this.#listenerOf(this.#request.listener)
      const request = { ...this.#request, signal: this.#controller.signal, listener }
      this.#makeCall(request).then(
        () => this.#end(undefined),
        (error: unknown) => this.#end({ error }),
      )
    } catch (error) {
      this.#end({ error })
    }
  }

  #listenerOf(progress: CallListener | undefined): CallListener {
    return {
      credit: this.#credit,
      hearsProgress: progress !== undefined,
      onAccepted: (call) => (this.#call = call),
      onItems: (items) => this.#onItems(items),
      onProgress: (value) => progress?.onProgress(value),
    }
  }

  #onItems(items: readonly unknown[]): void {
    if (this.#state !== 'open') return
    if (this.#first === this.#items.length) {
      this.#items = []
      this.#first = 0
    }
    for (const item of items) this.#items.push(item)
    while (this.#questions.length > 0 && this.#first < this.#items.length) {
      this.#questions.shift()?.resolve(this.#take())
    }
  }

  #take(): IteratorResult<Item, undefined> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function gives what the module's type says, short of what structured clone drops
    const value = this.#items[this.#first] as Item
    this.#items[this.#first++] = undefined
    if (++this.#taken >= this.#credit / 2) this.#grant()
    return { done: false, value }
  }

  #grant(): void {
    if (this.#call === undefined) return
    this.#call.thread?.grant(this.#call, this.#taken)
    this.#taken = 0
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#abort?.[Symbol.dispose]()
    if (failure?.error !== LEFT) this.#failure = failure
    this.#state = 'over'
    this.#settled.resolve()
    for (const question of this.#questions.splice(0)) question.resolve(this.#ending())
  }

  /** The first to ask hears what went wrong, the others that nothing more will come. */
  #ending(): Promise<IteratorResult<Item, undefined>> {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) return Promise.reject(failure.error)
    return Promise.resolve({ done: true, value: undefined })
  }
}

/** Why a call is taken back whose items nobody wants any more. Never seen outside. */
const LEFT = Symbol('cupola: left')
