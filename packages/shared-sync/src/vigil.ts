import { INSPECTION_MS, type ParkingLot } from './parking-lot.ts'

/** Those of a thread who wait without blocking it, as far as the vigil is concerned. */
interface Vigilant {
  /** Looks whether they have been let in or turned away. */
  collect(): void
}

/**
 * Watches as long as somebody waits without blocking. An async wait on shared memory does not keep
 * the process alive, so this does, with one timer for all who wait in a lot; what is more, it finds
 * out who has died, and what a thread that died did not come to tell.
 */
export class Vigil {
  readonly #lot: ParkingLot
  readonly #watching = new Set<Vigilant>()
  #timer: NodeJS.Timeout | undefined

  constructor(lot: ParkingLot) {
    this.#lot = lot
  }

  /** Whether anybody waits. */
  get isKept(): boolean {
    return this.#watching.size > 0
  }

  add(vigilant: Vigilant): void {
    this.#watching.add(vigilant)
    this.#timer ??= setInterval(() => this.#watch(), INSPECTION_MS)
  }

  delete(vigilant: Vigilant): void {
    this.#watching.delete(vigilant)
    if (this.#watching.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #watch(): void {
    this.#lot.inspect()
    for (const vigilant of this.#watching) vigilant.collect()
  }
}
