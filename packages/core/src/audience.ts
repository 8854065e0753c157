/**
 * Those who listen to one thing, in the order they came.
 *
 * Whoever is told may leave, send others away or bring new ones: who has left is not told any more,
 * who comes while something is told hears the next, not this.
 */
export class Audience<Event> {
  readonly #seats = new Set<Seat<Event>>()

  /** How many listen. */
  get size(): number {
    return this.#seats.size
  }

  /** Seats a listener until the result is disposed, in O(1). One that comes twice is told twice. */
  add(listener: (event: Event) => void): Disposable {
    const seat = { listener }
    this.#seats.add(seat)
    return { [Symbol.dispose]: () => void this.#seats.delete(seat) }
  }

  /** Tells everybody. Never throws: what a listener throws becomes an uncaught exception. */
  tell(event: Event): void {
    // A copy: a walk over the set itself would also meet those who come meanwhile.
    const present = [...this.#seats]
    for (const seat of present) {
      if (!this.#seats.has(seat)) continue
      try {
        seat.listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** An object around the listener, so that one listener can have two seats. */
interface Seat<Event> {
  readonly listener: (event: Event) => void
}
