import { requireFunction, requireObject } from '@cupola/core/authoring'
import { writeFileAtomic } from '@cupola/journal'
import type { Announcer } from './announcer.ts'
import type { Device } from './device.ts'
import type { DeviceTable } from './device-table.ts'
import type { DeviceViews } from './device-views.ts'
import type { LostList } from './lost-list.ts'
import type { HeartbeatMonitorEvents } from './monitor-events.ts'
import type { Sessions } from './sessions.ts'

/** What becomes of the lost that `cleanupLost()` forgets. */
export interface CleanupOptions<Meta = unknown> {
  /**
   * Gets them first: a function, or the path of a file, which is written as a whole or not at all. If it
   * fails, nobody is forgotten.
   *
   * @defaultValue they are forgotten
   */
  readonly dump?: string | ((devices: readonly Device<Meta>[]) => void | Promise<void>) | undefined
}

/** Why a device is known no more. */
type Why = HeartbeatMonitorEvents['forgotten']['why']

/** What a {@link Forgetter} works with. */
export interface ForgetterParts<Meta> {
  readonly table: DeviceTable<Meta>
  readonly lost: LostList
  readonly sessions: Sessions<Meta>
  readonly views: DeviceViews<Meta>
  readonly announcer: Announcer<Meta>
}

/**
 * The ways in which devices are forgotten.
 *
 * Whoever is told that one is may have forgotten, replaced or revived the next: so each is looked at anew
 * before it goes.
 */
export class Forgetter<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #lost: LostList
  readonly #sessions: Sessions<Meta>
  readonly #views: DeviceViews<Meta>
  readonly #announcer: Announcer<Meta>

  constructor({ table, lost, sessions, views, announcer }: ForgetterParts<Meta>) {
    this.#table = table
    this.#lost = lost
    this.#sessions = sessions
    this.#views = views
    this.#announcer = announcer
  }

  forget(slot: number, why: Why): void {
    const device = this.#announcer.describeLeaving(slot)
    this.#sessions.forget(slot)
    this.#announcer.onForgotten(device, why)
  }

  /** Hands out the losses that nobody has taken. */
  takeLost(keepLost: boolean): Device<Meta>[] {
    const slots = [...this.#lost.untaken()]
    const devices = slots.map((slot) => this.#views.describe(slot))
    // All of them first: whoever is told that one is forgotten may ask for the lost as well.
    for (const slot of slots) this.#lost.markTaken(slot)
    if (!keepLost) this.#forgetIfLost(devices, 'taken')
    return devices
  }

  /** @returns Those that were forgotten: all that are lost, and still the same loss once they are dumped. */
  async cleanup({ dump }: CleanupOptions<Meta>): Promise<Device<Meta>[]> {
    const slots = [...this.#lost.slots()]
    const devices = slots.map((slot) => this.#views.describe(slot))
    const lastBeats = slots.map((slot) => this.#table.lastBeatOf(slot))
    if (typeof dump === 'string') await writeFileAtomic(dump, textOf(devices))
    else await dump?.(devices)
    const isSameLoss = ({ key }: Device<Meta>, index: number): boolean =>
      this.#table.lastBeatOf(this.#table.find(key)) === lastBeats[index]
    return this.#forgetIfLost(devices.filter(isSameLoss), 'cleaned')
  }

  /** Forgets those that were lost first, until no more than so many are left. */
  crowdOut(maxLost: number): void {
    while (this.#table.count('lost') > maxLost) {
      const { value } = this.#lost.slots().next()
      if (value === undefined) break
      this.forget(value, 'crowded-out')
    }
  }

  /** @returns Those that it has forgotten. */
  #forgetIfLost(devices: readonly Device<Meta>[], why: Why): Device<Meta>[] {
    return devices.filter(({ key, epoch }) => {
      const slot = this.#table.find(key)
      const isLost = this.#table.has(slot, key, epoch) && this.#table.stateOf(slot) === 'lost'
      if (isLost) this.forget(slot, why)
      return isLost
    })
  }
}

/**
 * @throws TypeError If `dump` is neither a function nor a path.
 */
export function requireCleanupOptions<Meta>(options: CleanupOptions<Meta>): void {
  requireObject('options', options)
  const { dump } = options
  if (dump !== undefined && typeof dump !== 'string') requireFunction('dump', dump)
}

function textOf(devices: readonly Device[]): string {
  return `${JSON.stringify(devices, undefined, 2)}\n`
}
