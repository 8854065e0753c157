/** How far somebody came who has been forgotten. */
export interface PastSession {
  readonly epoch: number
  readonly sequence: number
}

/**
 * The last sessions of devices that were forgotten, so that a beat which was under way all the time, or
 * was recorded and is sent again, brings none of them back. Bounded: the first to be forgotten is the
 * first whose session is.
 */
export class PastSessions {
  readonly #capacity: number
  readonly #sessions = new Map<string, PastSession>()
  /**
   * Walks behind those that are added. A new iterator each time would step over all that were deleted at
   * the front, of which the map keeps thousands.
   */
  readonly #oldest = this.#sessions.keys()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): PastSession | undefined {
    return this.#sessions.get(key)
  }

  add(key: string, session: PastSession): void {
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    if (this.#sessions.size <= this.#capacity) return
    const { value } = this.#oldest.next()
    if (value !== undefined) this.#sessions.delete(value)
  }

  delete(key: string): void {
    this.#sessions.delete(key)
  }
}
