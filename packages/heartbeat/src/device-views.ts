import type { Clock } from '@cupola/core'
import type { Device } from './device.ts'
import type { DeviceTable } from './device-table.ts'
import type { Silence } from './silence.ts'
import type { DeviceSnapshot } from './snapshot.ts'

/** Rows of the table as those outside see them. */
export class DeviceViews<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #silence: Silence
  readonly #clock: Clock

  constructor(table: DeviceTable<Meta>, silence: Silence, clock: Clock) {
    this.#table = table
    this.#silence = silence
    this.#clock = clock
  }

  /** A device as it is now. */
  describe(slot: number): Device<Meta> {
    const now = this.#clock.now()
    const lane = this.#table.laneOf(slot)
    return {
      key: this.#table.keyOf(slot),
      meta: this.#table.metaOf(slot),
      epoch: this.#table.epochOf(slot),
      state: this.#table.stateOf(slot),
      silentMs: now - this.#table.lastBeatOf(slot),
      suspicion: lane?.judge.suspicion(this.#silence.of(slot, now)) ?? 0,
      lostAfterMs: lane?.lostAfterMs ?? Infinity,
      blockedMs: this.#table.blockedMsOf(slot),
    }
  }

  /**
   * What a snapshot has of a device.
   *
   * @param taken - Whether its loss, if it is lost, was told to somebody who asked.
   */
  snapshotOf(slot: number, taken: boolean): DeviceSnapshot<Meta> {
    const { silentMs, key, epoch, meta, state } = this.describe(slot)
    const terms = this.#table.laneOf(slot)?.terms
    return {
      key,
      epoch,
      sequence: this.#table.sequenceOf(slot),
      ...(meta === undefined ? {} : { meta }),
      ...(terms?.ownLostAfterMs === undefined ? {} : { lostAfterMs: terms.ownLostAfterMs }),
      ...(terms?.periodMs === undefined ? {} : { periodMs: terms.periodMs }),
      ...(state === 'lost' ? { lost: { silentMs, taken } } : {}),
    }
  }
}
