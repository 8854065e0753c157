import { getEventListeners } from 'node:events'
import { CupolaError, type WaitOptions } from '@cupola/core'

/** Calls that wait, by their number, and what became of them, as those who made them were told. */
export class Calls {
  readonly outcomes = new Map<number, string>()
  readonly #controllers: AbortController[] = []

  /** How many calls were made: the number of the next. */
  get next(): number {
    return this.#controllers.length
  }

  /**
   * Makes a call.
   *
   * @param tell - Says what became of it, if it went well.
   */
  begin<Result>(
    timeout: number,
    call: (options: WaitOptions) => Promise<Result>,
    tell: (result: Result) => string = () => 'went well',
  ): void {
    const { next } = this
    const controller = new AbortController()
    this.#controllers.push(controller)
    void this.#follow(next, call({ timeout, signal: controller.signal }), tell)
  }

  /** Aborts a call, over or not; gives its number, or `undefined` if there was none yet. */
  abort(choice: number): number | undefined {
    if (this.next === 0) return undefined
    const number = choice % this.next
    this.#controllers[number]?.abort('aborted')
    return number
  }

  async #follow<Result>(
    call: number,
    settling: Promise<Result>,
    tell: (result: Result) => string,
  ): Promise<void> {
    try {
      this.outcomes.set(call, tell(await settling))
    } catch (error) {
      this.outcomes.set(call, nameOf(error))
    }
  }

  /** How many listeners there are on the signals of all calls. */
  get listeners(): number {
    return this.#controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort')).length
  }
}

function nameOf(error: unknown): string {
  return error instanceof CupolaError ? error.code : String(error)
}

/** Those who wait, as an array that is searched from end to end: what models compare with. */
export class Waiting<Detail> {
  #all: { readonly id: number; readonly expires: number; readonly detail: Detail }[] = []

  get size(): number {
    return this.#all.length
  }

  get first(): { readonly id: number; readonly detail: Detail } | undefined {
    return this.#all[0]
  }

  get all(): readonly { readonly id: number; readonly detail: Detail }[] {
    return this.#all
  }

  /** How many have a limit: each has a timer. */
  get limited(): number {
    return this.#all.filter(({ expires }) => expires !== Infinity).length
  }

  enter(id: number, expires: number, detail: Detail): void {
    this.#all.push({ id, expires, detail })
  }

  /** Whether there was somebody of that number, who is gone now. */
  leave(id: number): boolean {
    const before = this.size
    this.#all = this.#all.filter((one) => one.id !== id)
    return this.size < before
  }

  /** Those whose limit has come. */
  expired(now: number): number[] {
    return this.#all.filter(({ expires }) => expires <= now).map(({ id }) => id)
  }
}

/** Lets every promise tell what it has to tell. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
