import { type Clock, ClosedError, type ListenOptions } from '@cupola/core'
import { requireBoolean, requireObject } from '@cupola/core/authoring'
import { type Beat, type BeatOutcome, isBeat } from './beat.ts'
import type { Device, RefreshOutcome, Session } from './device.ts'
import { NOBODY } from './device-table.ts'
import { type CleanupOptions, requireCleanupOptions } from './forgetter.ts'
import type { HeartbeatMonitorEvents } from './monitor-events.ts'
import {
  type HeartbeatMonitorOptions,
  type MonitorSettings,
  settingsOf,
} from './monitor-options.ts'
import { type MonitorParts, monitorPartsOf } from './monitor-parts.ts'
import type { HeartbeatMonitorStats } from './monitor-stats.ts'
import { requireKey } from './require-key.ts'
import { requirePositive } from './require-positive.ts'
import { type ActivateOptions, DeviceSession, type Sessions } from './sessions.ts'
import { type MonitorSnapshot, requireSnapshot } from './snapshot.ts'
import { type Sweep, SweepTimer } from './sweep-timer.ts'
import { requireVerdictsOptions, type Verdict, type VerdictsOptions } from './verdicts.ts'

/**
 * Watches over devices that beat, and tells of those that fall silent: as events, as an iteration, or
 * when asked.
 *
 * A loss is told no earlier than the limit after the last beat, and no later than the limit and one sweep;
 * later only while verdicts are held because too many are silent at once, or after the monitor stood
 * still itself. Time is measured: setting the wall clock changes nothing.
 *
 * It beats for nobody: a `HeartbeatSender` does that, and a `BeatInbox` brings its beats here.
 *
 * Cost: O(1) for a beat, O(what changes) for a sweep. Its timer runs while there is somebody to watch and
 * never keeps the process alive.
 *
 * @example Somebody falls silent
 * ```ts
 * import { VirtualClock } from '@cupola/core/testing'
 * import { HeartbeatMonitor } from '@cupola/heartbeat'
 *
 * const clock = new VirtualClock()
 * const monitor = new HeartbeatMonitor({ lostAfterMs: 10_000, clock })
 * monitor.activate('printer')
 * const scanner = monitor.activate('scanner', { room: 12 })
 *
 * await clock.advance(9000)
 * scanner.refresh() // => 'ok'
 * await clock.advance(2000)
 * monitor.takeLost().map(({ key }) => key) // => ['printer']
 * monitor.takeLost() // => []
 * monitor.refresh('printer') // => 'unknown'
 * ```
 */
export class HeartbeatMonitor<Meta = unknown> implements AsyncDisposable {
  readonly #settings: MonitorSettings
  readonly #parts: MonitorParts<Meta>
  /** Of the parts, what each beat needs. */
  readonly #sessions: Sessions<Meta>
  readonly #clock: Clock
  readonly #timer: SweepTimer
  readonly #refreshSession = (session: Session<Meta>, meta?: Meta): RefreshOutcome =>
    this.refresh(session, meta)
  #malformed = 0
  #pauses = 0
  #closing: Promise<void> | undefined

  /**
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(options: HeartbeatMonitorOptions) {
    this.#settings = settingsOf(options)
    this.#parts = monitorPartsOf<Meta>(this.#settings)
    this.#sessions = this.#parts.sessions
    this.#clock = this.#settings.clock
    const { sweepMs } = this.#settings
    this.#timer = new SweepTimer(this.#clock, sweepMs, (sweep) => this.#sweep(sweep))
  }

  /** Whether {@link close} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** The limit of all devices that have none of their own. */
  get lostAfterMs(): number {
    return this.#parts.lanes.lostAfterMs
  }

  /**
   * Begins to watch a device, or begins another session of one: beats of its former sessions are
   * refused from now on.
   *
   * @param key - Who it is.
   * @param meta - What is to be remembered of it.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   * @throws ClosedError If the monitor is closed.
   */
  activate(key: string, meta?: Meta, options: ActivateOptions = {}): Session<Meta> {
    requireKey(key)
    requireObject('options', options)
    const { lostAfterMs, periodMs } = options
    if (lostAfterMs !== undefined) requirePositive('lostAfterMs', lostAfterMs)
    if (periodMs !== undefined) requirePositive('periodMs', periodMs)
    this.#requireOpen('activate a device')
    const replaced = this.#parts.table.find(key) !== NOBODY
    const place = this.#sessions.activate(key, meta, options, this.#clock.now())
    this.#timer.start()
    const { epoch } = place
    this.#parts.announcer.onActivated(key, epoch, replaced)
    return new DeviceSession({ key, epoch }, place, this.#refreshSession)
  }

  /**
   * Takes notice of a beat. A session is faster than a key, and cannot be mistaken for a later one.
   *
   * @param meta - What is to be remembered from now on; `undefined` changes nothing.
   * @throws TypeError If it is neither a key nor a session.
   * @throws ClosedError If the monitor is closed.
   */
  refresh(keyOrSession: string | Session<Meta>, meta?: Meta): RefreshOutcome {
    this.#requireOpen('refresh a device')
    const outcome = this.#sessions.refresh(keyOrSession, meta, this.#clock.now())
    if (outcome === 'recovered') this.#timer.start()
    return outcome
  }

  /**
   * Takes notice of a beat that a sender numbered. One that is no beat is counted, and changes nothing.
   *
   * @param mayRegister - Whether it may make a device known that is not.
   * @throws TypeError If `mayRegister` is no boolean.
   * @throws ClosedError If the monitor is closed.
   */
  receive(beat: Beat<Meta>, mayRegister = true): BeatOutcome {
    requireBoolean('mayRegister', mayRegister)
    this.#requireOpen('receive a beat')
    if (!isBeat(beat)) {
      this.#malformed++
      return 'malformed'
    }
    const replaced = this.#parts.table.find(beat.key) !== NOBODY
    const outcome = this.#sessions.receive(beat, mayRegister, this.#clock.now())
    if (outcome === 'recovered' || outcome === 'registered') this.#timer.start()
    if (outcome === 'registered') this.#parts.announcer.onActivated(beat.key, beat.epoch, replaced)
    return outcome
  }

  /**
   * Stops watching a device, lost or not.
   *
   * @returns `false` if it is not known.
   * @throws TypeError If `key` is no text, or empty.
   */
  forget(key: string): boolean {
    requireKey(key)
    const slot = this.#parts.table.find(key)
    if (slot !== NOBODY) this.#parts.forgetter.forget(slot, 'asked')
    return slot !== NOBODY
  }

  /**
   * A device as it is now, `undefined` if it is not known.
   *
   * @throws TypeError If `key` is no text, or empty.
   */
  device(key: string): Device<Meta> | undefined {
    requireKey(key)
    const slot = this.#parts.table.find(key)
    return slot === NOBODY ? undefined : this.#parts.views.describe(slot)
  }

  /** All devices, the lost included, in the order in which they came. */
  *devices(): Generator<Device<Meta>, undefined> {
    for (const slot of this.#parts.table.slots()) yield this.#parts.views.describe(slot)
  }

  /**
   * Whether a device is known; one that is lost only with `includeLost`.
   *
   * @throws TypeError If an argument has the wrong type.
   */
  isRegistered(key: string, options: { readonly includeLost?: boolean | undefined } = {}): boolean {
    requireKey(key)
    requireObject('options', options)
    const { includeLost = false } = options
    requireBoolean('includeLost', includeLost)
    const slot = this.#parts.table.find(key)
    return slot !== NOBODY && (includeLost || this.#parts.table.stateOf(slot) !== 'lost')
  }

  /**
   * Looks now, and hands out the devices that were lost since it was asked last, in the order of their
   * loss. Each loss is handed out once. One that has recovered meanwhile is not, and without `keepLost`
   * all that are handed out are forgotten.
   */
  takeLost(): Device<Meta>[] {
    if (!this.closed) this.#timer.sweepNow()
    return this.#parts.forgetter.takeLost(this.#settings.keepLost)
  }

  /** The devices that are lost, taken or not, in the order of their loss. */
  lost(): Device<Meta>[] {
    return Array.from(this.#parts.lost.slots(), (slot) => this.#parts.views.describe(slot))
  }

  /**
   * Forgets the devices that are lost, taken or not, once they are dumped. Those that recover while it
   * dumps are not forgotten, though they may be lost again.
   *
   * @returns Those that were forgotten.
   * @throws TypeError If `dump` is neither a function nor a path.
   * @throws What `dump` throws; then nobody is forgotten.
   */
  async cleanupLost(options: CleanupOptions<Meta> = {}): Promise<Device<Meta>[]> {
    requireCleanupOptions(options)
    return await this.#parts.forgetter.cleanup(options)
  }

  /**
   * Changes the limit of all devices that have none of their own, or of one.
   *
   * @param args - The limit in milliseconds, or a key and the limit.
   * @returns `false` if there is no such device.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If the limit is not above 0, or not finite.
   */
  setLostAfter(...args: [lostAfterMs: number] | [key: string, lostAfterMs: number]): boolean {
    if (args.length === 1) {
      this.#parts.lanes.setLostAfter(requirePositive('lostAfterMs', args[0]))
      this.#parts.sweeper.reschedule()
      return true
    }
    const [key, lostAfterMs] = args
    requireKey(key)
    requirePositive('lostAfterMs', lostAfterMs)
    const slot = this.#parts.table.find(key)
    if (slot === NOBODY) return false
    const periodMs = this.#parts.table.laneOf(slot)?.terms.periodMs
    this.#parts.lives.setTerms(slot, this.#parts.lanes.termsOf(lostAfterMs, periodMs))
    return true
  }

  /**
   * What it finds out from now on, in order. Ends when the monitor is closed.
   *
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `capacity` is not from 1 up.
   * @throws ClosedError If the monitor is closed.
   */
  verdicts(options: VerdictsOptions = {}): AsyncIterableIterator<Verdict<Meta>, undefined> {
    requireVerdictsOptions(options)
    this.#requireOpen('read verdicts')
    return this.#parts.announcer.newStream(options)
  }

  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof HeartbeatMonitorEvents<Meta>>(
    name: Name,
    listener: (event: HeartbeatMonitorEvents<Meta>[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#parts.announcer.events.on(name, listener, options)
  }

  /** Counts, in O(1). */
  stats(): HeartbeatMonitorStats {
    return Object.freeze({
      devices: this.#parts.table.size,
      alive: this.#parts.table.count('alive'),
      busy: this.#parts.table.count('busy'),
      suspect: this.#parts.table.count('suspect'),
      lost: this.#parts.table.count('lost'),
      losses: this.#parts.announcer.losses,
      malformed: this.#malformed,
      pauses: this.#pauses,
      verdicts: this.#parts.guard.heldUntil === undefined ? 'telling' : 'holding',
    })
  }

  /** All that it knows, as data that can be written as JSON if `Meta` can. O(devices). */
  snapshot(): MonitorSnapshot<Meta> {
    const untaken = new Set(this.#parts.lost.untaken())
    const devices = Array.from(this.#parts.table.slots(), (slot) =>
      this.#parts.views.snapshotOf(slot, !untaken.has(slot)),
    )
    return { version: 1, epoch: this.#sessions.epoch, devices }
  }

  /**
   * Takes on the devices of a snapshot that it does not know, nor has forgotten since. Those that were not lost get a whole limit
   * from now on: nobody listened to them meanwhile.
   *
   * @throws TypeError If it is no snapshot of this version.
   * @throws ClosedError If the monitor is closed.
   */
  restore(snapshot: MonitorSnapshot<Meta>): void {
    requireSnapshot(snapshot)
    this.#requireOpen('restore devices')
    this.#sessions.skipTo(snapshot.epoch)
    const now = this.#clock.now()
    for (const device of snapshot.devices) {
      if (this.#parts.table.find(device.key) === NOBODY) this.#sessions.restore(device, now)
    }
    this.#parts.forgetter.crowdOut(this.#settings.maxLost)
    if (this.#parts.table.watched > 0) this.#timer.start()
  }

  /** Watches no more. What it knows can still be read. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #end(): Promise<void> {
    this.#timer.stop()
    this.#parts.announcer.endStreams()
    return Promise.resolve()
  }

  #requireOpen(action: string): void {
    if (this.#closing !== undefined) throw new ClosedError(action, 'the heartbeat monitor')
  }

  #sweep({ plannedAt, lateMs }: Sweep): void {
    if (lateMs > this.#settings.pauseToleranceMs(this.lostAfterMs)) this.#excusePause(lateMs)
    // As of when it was planned: beats that came while it was late are still in line to be read.
    this.#parts.sweeper.sweep(plannedAt)
    this.#parts.forgetter.crowdOut(this.#settings.maxLost)
    if (this.#parts.table.watched === 0) this.#timer.stop()
  }

  #excusePause(forMs: number): void {
    this.#pauses++
    this.#parts.silence.forgive(this.#clock.now())
    this.#parts.announcer.onPaused(forMs)
  }
}
