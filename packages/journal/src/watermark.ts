import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'

/** What is on disk: all records before `nextId`, which end at `offset` of the segment `firstId`. */
export interface DurableEnd {
  readonly firstId: number
  readonly nextId: number
  readonly offset: number
}

/** How far the journal is on disk, for those who wait until it is further. */
export class Watermark {
  #at: DurableEnd
  #ended = false
  readonly #waiting = new LinkedList<Waiter<boolean, number>>()
  readonly #advance: Waitable<boolean, number> = {
    action: 'read on',
    refusal: () => undefined,
    tryNow: (id) => {
      if (this.#at.nextId > id) return true
      return this.#ended ? false : NOT_YET
    },
    queueOf: () => this.#waiting,
  }

  constructor(at: DurableEnd) {
    this.#at = at
  }

  /** Where it is. */
  get at(): DurableEnd {
    return this.#at
  }

  /** Moves it. */
  moveTo(at: DurableEnd): void {
    const hasRecords = at.nextId > this.#at.nextId
    this.#at = at
    if (hasRecords) this.#tellAll(true)
  }

  /** Says that it does not move any more. */
  end(): void {
    this.#ended = true
    this.#tellAll(false)
  }

  /** Resolves with `true` once record `id` is on disk, with `false` if it will never be. */
  reaches(id: number, signal: AbortSignal | undefined): Promise<boolean> {
    return wait(this.#advance, { signal }, id)
  }

  /** All who wait, wait for the next record: nobody has read further than to the end. */
  #tellAll(hasMore: boolean): void {
    while (this.#waiting.first !== undefined) {
      const { first } = this.#waiting
      if (!first.rejectIfAborted()) first.resolve(hasMore)
    }
  }
}
