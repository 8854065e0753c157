import type { DeviceTable } from './device-table.ts'

/** How long devices have been silent, as far as it counts: not while nobody listened to them. */
export class Silence {
  readonly #table: Pick<DeviceTable<unknown>, 'lastBeatOf'>
  #baseline = -Infinity

  constructor(table: Pick<DeviceTable<unknown>, 'lastBeatOf'>) {
    this.#table = table
  }

  /** Counts silence from now on only, for everybody: what came before was not the devices' fault. */
  forgive(now: number): void {
    this.#baseline = now
  }

  /** From when on a device's silence counts. */
  since(slot: number): number {
    return Math.max(this.#table.lastBeatOf(slot), this.#baseline)
  }

  /** How long a device has been silent, as far as it counts. */
  of(slot: number, now: number): number {
    return Math.max(0, now - this.since(slot))
  }

  /** How long it is since a device last beat; `undefined` if nobody listened all the time since. */
  gapOf(slot: number, now: number): number | undefined {
    const lastBeat = this.#table.lastBeatOf(slot)
    return lastBeat < this.#baseline ? undefined : now - lastBeat
  }
}
