import type { Terms } from './detector.ts'

/** What holds for one device: what it has of its own, and for the rest what holds for all. */
export class DeviceTerms implements Terms {
  readonly #common: Pick<Terms, 'lostAfterMs'>
  readonly ownLostAfterMs: number | undefined
  readonly periodMs: number | undefined

  constructor(
    common: Pick<Terms, 'lostAfterMs'>,
    ownLostAfterMs: number | undefined,
    periodMs: number | undefined,
  ) {
    this.#common = common
    this.ownLostAfterMs = ownLostAfterMs
    this.periodMs = periodMs
  }

  /** The same for devices of the same terms. */
  get key(): string {
    return `${this.ownLostAfterMs ?? ''}/${this.periodMs ?? ''}`
  }

  get lostAfterMs(): number {
    return this.ownLostAfterMs ?? this.#common.lostAfterMs
  }
}
