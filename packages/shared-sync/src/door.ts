import { CROWDED, DOOR, WHO } from './lot-layout.ts'
import type { Words } from './words.ts'

/** What lets one thread at a time be inside. */
export interface Door {
  /** Comes back inside. `true` if who was there before will never leave, so may have left it untidy. */
  enter(): boolean
  leave(): void
}

/** How often a thread that sleeps before the door looks whether who is inside is alive. */
const LOOK_MS = 50

/**
 * The door of a lot: a word that is 0, or says who is inside, with CROWDED or not.
 *
 *   0 ──▶ who ──▶ 0                                          nobody sleeps before it
 *   who ──▶ who+CROWDED ──▶ 0, and a notification             from one who goes to sleep
 *   0 ──▶ who+CROWDED                                        by one who has slept
 *   who(+CROWDED) ──who dies──▶ other+CROWDED
 *
 * Whoever has slept passes it CROWDED, because others may sleep there still: it costs one needless
 * notification at most.
 *
 * The word may be what it was although somebody left and came again meanwhile. Who sleeps through that
 * loses nothing: whoever is inside now leaves CROWDED too, and wakes one. Who takes the door over from a
 * dead thread must not mistake for it a living one that has its seat by now: so both are named
 * differently, by the generation of the seat.
 */
export class SharedDoor implements Door {
  readonly #words: Words
  readonly #name: number
  readonly #spins: number
  readonly #hasEnded: (seat: number) => boolean

  /**
   * @param name - What says that it is us: see {@link doorName}.
   * @param spins - How often the door is tried before sleeping.
   * @param hasEnded - Whether the thread in a seat has certainly ended.
   */
  constructor(words: Words, name: number, spins: number, hasEnded: (seat: number) => boolean) {
    this.#words = words
    this.#name = name
    this.#spins = spins
    this.#hasEnded = hasEnded
  }

  enter(): boolean {
    if (this.#words.compareExchange(DOOR, 0, this.#name) === 0) return false
    for (let spins = 0; spins < this.#spins; spins++) {
      if (this.#words.load(DOOR) !== 0) continue
      if (this.#words.compareExchange(DOOR, 0, this.#name) === 0) return false
    }
    return this.#enterCrowd()
  }

  leave(): void {
    if ((this.#words.exchange(DOOR, 0) & CROWDED) !== 0) this.#words.notify(DOOR, 1)
  }

  #enterCrowd(): boolean {
    const words = this.#words
    const entered = this.#name | CROWDED
    for (;;) {
      const seen = words.load(DOOR)
      if (seen === 0) {
        if (words.compareExchange(DOOR, 0, entered) === 0) return false
      } else if ((seen & CROWDED) === 0) {
        words.compareExchange(DOOR, seen, seen | CROWDED)
      } else if (this.#isDeserted(seen) && words.compareExchange(DOOR, seen, entered) === seen) {
        return true
      }
    }
  }

  /** Sleeps before the door. Whether who is inside will never leave. */
  #isDeserted(seen: number): boolean {
    const inside = seen & WHO
    // We ourselves: our code was ended inside, by an interruption that our thread survived.
    if (inside === (this.#name & WHO)) return true
    return this.#words.wait(DOOR, seen, LOOK_MS) === 'timed-out' && this.#hasEnded(inside - 1)
  }
}
