import { requireDuration } from '@cupola/core/authoring'

/** How often to look while nothing tells of a change. */
export interface PaceOptions {
  /**
   * The first pause between two looks, in milliseconds from 1 up. Each pause is half as long again as
   * the one before, up to `intervalMs`; a sign of change begins anew.
   */
  readonly firstIntervalMs?: number | undefined
  /** The longest pause between two looks, in milliseconds from 1 up. */
  readonly intervalMs?: number | undefined
}

/** How much longer each pause is: what comes is noticed within half of the time it took to come. */
const GROWTH = 1.5

/** Looks that take longer than this are no more than half of the time spent. */
const COSTLY_MS = 10

/** How long the pauses between the looks of one wait are. */
export class Pace {
  readonly #limits: Required<Limits>
  #nextMs: number
  #restMs = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#nextMs = limits.firstIntervalMs
  }

  /** Something has changed, and may well change again soon. */
  restart(): void {
    this.#nextMs = this.#limits.firstIntervalMs
  }

  /** Tells how long a look took. */
  took(ms: number): void {
    this.#restMs = ms > COSTLY_MS ? ms : 0
  }

  /** How long to pause at least, even if something tells of a change. */
  get restMs(): number {
    return this.#restMs
  }

  /** How long to pause now, if nothing tells of a change; the next pause is longer. */
  next(): number {
    const pauseMs = Math.min(this.#nextMs, this.#limits.intervalMs)
    this.#nextMs = pauseMs * GROWTH
    return Math.max(pauseMs, this.#restMs)
  }
}

type Limits = { readonly firstIntervalMs: number; readonly intervalMs: number }

/** Checks one of the {@link PaceOptions}; a pause of nothing would be no pause. */
export function requireInterval(name: string, value: number): number {
  if (requireDuration(name, value) >= 1) return value
  throw new RangeError(`Cannot use ${name}: got ${value}, expected milliseconds from 1 up`)
}
