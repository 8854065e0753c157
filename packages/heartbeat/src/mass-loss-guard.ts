import { requireDuration, requireInteger, requireObject } from '@cupola/core/authoring'
import { requireShare } from './require-positive.ts'

/** When so many devices fall silent together that the network, or the monitor, is suspected. */
export interface MassLossOptions {
  /**
   * Nobody is declared lost while at least this part of the devices is suspect.
   *
   * @defaultValue 0.15
   */
  readonly share?: number | undefined
  /**
   * And at least so many are.
   *
   * @defaultValue 10
   */
  readonly atLeast?: number | undefined
  /**
   * How long verdicts are held at most. After that they are told, whatever the share is.
   *
   * @defaultValue 60000
   */
  readonly holdMs?: number | undefined
}

/**
 * Holds verdicts while too many devices are silent at once, for a bounded time.
 *
 * Those who fall silent together are suspect together, before the first of them is overdue: so the
 * suspects of this moment tell a broken switch from a broken device, and no history is needed. When a
 * hold has ended, the lost are no longer counted as devices: the share begins anew from those that are
 * left. A guard that goes on comparing with what once was never lets go again.
 */
export class MassLossGuard {
  readonly #share: number
  readonly #atLeast: number
  readonly #holdMs: number
  #heldUntil: number | undefined

  /**
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(options: MassLossOptions | false) {
    if (options !== false) requireObject('massLoss', options)
    const { share = 0.15, atLeast = 10, holdMs = 60_000 } = options === false ? {} : options
    this.#share = requireShare('massLoss.share', share)
    this.#atLeast = requireInteger('massLoss.atLeast', atLeast, 1, Infinity)
    this.#holdMs = options === false ? 0 : requireDuration('massLoss.holdMs', holdMs)
  }

  /** When verdicts are told at the latest, `undefined` if none are held. */
  get heldUntil(): number | undefined {
    return this.#heldUntil
  }

  /** Whether that many suspects among that many devices are no accident of single devices. */
  isMassive(suspects: number, devices: number): boolean {
    return this.#holdMs > 0 && suspects >= this.#atLeast && suspects >= this.#share * devices
  }

  /** Begins to hold verdicts, and says until when. */
  hold(now: number): number {
    this.#heldUntil = now + this.#holdMs
    return this.#heldUntil
  }

  /** Verdicts are told again. */
  release(): void {
    this.#heldUntil = undefined
  }
}
