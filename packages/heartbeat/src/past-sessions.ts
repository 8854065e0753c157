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
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined) this.#sessions.delete(oldest)
  }

  delete(key: string): void {
    this.#sessions.delete(key)
  }
}
