import { readFile } from 'node:fs/promises'
import { type Clock, type ListenOptions, systemClock, type Timer } from '@cupola/core'
import { Emitter, requireClock, requireObject, requireString } from '@cupola/core/authoring'
import { writeFileAtomic } from '@cupola/journal'
import type { HeartbeatMonitor } from './heartbeat-monitor.ts'
import { requirePositive } from './require-positive.ts'
import { type MonitorSnapshot, requireSnapshot, type SnapshotStore } from './snapshot.ts'

/** How often snapshots are kept. */
export interface KeepSnapshotsOptions {
  /**
   * Milliseconds from the end of one save to the next. What happens in between is not in the store if the
   * process is killed: devices that were activated since are unknown then, until they beat.
   *
   * @defaultValue 30000
   */
  readonly everyMs?: number | undefined
  /**
   * Whose time counts.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** Events of {@link KeptSnapshots}. Observations only: nothing depends on a listener. */
export interface KeptSnapshotsEvents {
  readonly saved: { readonly devices: number }
  /** The store failed. It is tried again at the usual time. */
  readonly failure: { readonly error: unknown }
}

/** A monitor whose snapshots are kept. */
export interface KeptSnapshots extends AsyncDisposable {
  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof KeptSnapshotsEvents>(
    name: Name,
    listener: (event: KeptSnapshotsEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  /**
   * Saves for the last time. The monitor goes on.
   *
   * @throws What the store throws.
   */
  close(): Promise<void>
}

/**
 * Restores what a store has, and from then on keeps snapshots in it. Does not keep the process alive.
 *
 * @returns Once it is restored.
 * @throws What the store throws when it loads.
 * @throws TypeError If what it loads is no snapshot, or an argument has the wrong type.
 * @throws RangeError If `everyMs` is not above 0.
 */
export async function keepSnapshots<Meta>(
  monitor: HeartbeatMonitor<Meta>,
  store: SnapshotStore<Meta>,
  options: KeepSnapshotsOptions = {},
): Promise<KeptSnapshots> {
  requireObject('monitor', monitor)
  requireObject('store', store)
  requireObject('options', options)
  const { everyMs = 30_000, clock = systemClock } = options
  requirePositive('everyMs', everyMs)
  requireClock('clock', clock)
  const snapshot = await store.load()
  if (snapshot !== undefined) monitor.restore(snapshot)
  return new Keeper(
    () => store.save(monitor.snapshot()),
    () => monitor.stats().devices,
    everyMs,
    clock,
  )
}

/**
 * Keeps snapshots in a file, which is written as a whole or not at all.
 *
 * @param path - The file; its folder must exist.
 * @throws TypeError If `path` is no text.
 */
export function fileSnapshots<Meta>(path: string): SnapshotStore<Meta> {
  requireString('path', path)
  return {
    async load() {
      const text = await readIfThere(path)
      if (text === undefined) return undefined
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is checked below, but for the meta, which the caller knows
      const snapshot = JSON.parse(text) as MonitorSnapshot<Meta>
      requireSnapshot(snapshot)
      return snapshot
    },
    save: (snapshot) => writeFileAtomic(path, `${JSON.stringify(snapshot)}\n`),
  }
}

class Keeper implements KeptSnapshots {
  readonly #save: () => Promise<void>
  readonly #count: () => number
  readonly #everyMs: number
  readonly #clock: Clock
  readonly #events = new Emitter<KeptSnapshotsEvents>()
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(save: () => Promise<void>, count: () => number, everyMs: number, clock: Clock) {
    this.#save = save
    this.#count = count
    this.#everyMs = everyMs
    this.#clock = clock
    this.#arm()
  }

  on<Name extends keyof KeptSnapshotsEvents>(
    name: Name,
    listener: (event: KeptSnapshotsEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #end(): Promise<void> {
    this.#timer?.cancel()
    await this.#saving
    await this.#save()
  }

  #arm(): void {
    if (this.#closing !== undefined) return
    this.#timer = this.#clock.setTimer(() => {
      this.#saving = this.#saveOne()
    }, this.#everyMs)
    this.#timer.unref()
  }

  /** Never rejects, and never overlaps with another. */
  async #saveOne(): Promise<void> {
    const devices = this.#count()
    try {
      await this.#save()
      this.#events.emit('saved', { devices })
    } catch (error) {
      this.#events.emit('failure', { error })
    }
    this.#arm()
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
