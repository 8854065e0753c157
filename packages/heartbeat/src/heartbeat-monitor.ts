import { type Clock, ClosedError, type ListenOptions } from '@cupola/core'
import { Emitter, requireFunction, requireInteger, requireObject } from '@cupola/core/authoring'
import { writeFileAtomic } from '@cupola/journal'
import type { Beat, BeatOutcome } from './beat.ts'
import type { Device, RefreshOutcome, Session } from './device.ts'
import { DeviceTable, NOBODY } from './device-table.ts'
import { Lanes } from './lanes.ts'
import { Lives } from './lives.ts'
import { MassLossGuard } from './mass-loss-guard.ts'
import type { HeartbeatMonitorEvents } from './monitor-events.ts'
import {
  type HeartbeatMonitorOptions,
  type MonitorSettings,
  settingsOf,
} from './monitor-options.ts'
import { requireKey } from './require-key.ts'
import { requirePositive } from './require-positive.ts'
import { type ActivateOptions, DeviceSession, Sessions } from './sessions.ts'
import { type DeviceSnapshot, type MonitorSnapshot, requireSnapshot } from './snapshot.ts'
import { type Sweep, SweepTimer } from './sweep-timer.ts'
import { type Verdict, type VerdictsOptions, VerdictStream } from './verdicts.ts'

/** Counts of a `HeartbeatMonitor` at one moment. */
export interface HeartbeatMonitorStats {
  /** How many devices it knows, the lost ones included. */
  readonly devices: number
  readonly alive: number
  readonly busy: number
  readonly suspect: number
  readonly lost: number
  /** How many losses it has told, since it was made. */
  readonly losses: number
  /** How often it stood still itself. */
  readonly pauses: number
  /** `holding` while too many are silent at once for anybody to be declared lost. */
  readonly verdicts: 'holding' | 'telling'
}

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
  readonly #clock: Clock
  readonly #table = new DeviceTable<Meta>()
  readonly #lanes: Lanes
  readonly #guard: MassLossGuard
  readonly #lives: Lives<Meta>
  readonly #sessions: Sessions<Meta>
  readonly #timer: SweepTimer
  readonly #events = new Emitter<HeartbeatMonitorEvents<Meta>>()
  readonly #streams = new Set<VerdictStream<Meta>>()
  readonly #refreshSession = (session: Session<Meta>, meta?: Meta): RefreshOutcome =>
    this.refresh(session, meta)
  #losses = 0
  #pauses = 0
  #closing: Promise<void> | undefined

  /**
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(options: HeartbeatMonitorOptions) {
    const settings = settingsOf(options)
    this.#settings = settings
    this.#clock = settings.clock
    this.#guard = new MassLossGuard(settings.massLoss)
    this.#lanes = new Lanes(settings.detector, settings.lostAfterMs, this.#table.lists)
    this.#lives = new Lives(this.#table, this.#lanes, this.#guard, this.#witness())
    this.#sessions = new Sessions(this.#table, this.#lanes, this.#lives, {
      maxDevices: settings.maxDevices,
      busyAfterMs: () => settings.busyAfterMs(this.lostAfterMs),
    })
    this.#timer = new SweepTimer(this.#clock, settings.sweepMs, (sweep) => this.#sweep(sweep))
  }

  /** Whether {@link close} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** The limit of all devices that have none of their own. */
  get lostAfterMs(): number {
    return this.#lanes.lostAfterMs
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
    const replaced = this.#table.find(key) !== NOBODY
    const { slot, epoch } = this.#sessions.activate(key, meta, options, this.#clock.now())
    this.#timer.start()
    this.#tellActivated(key, epoch, replaced)
    return new DeviceSession(slot, key, epoch, this.#refreshSession)
  }

  /**
   * Takes notice of a beat. A session is faster than a key, and cannot be mistaken for a later one.
   *
   * @param meta - What is to be remembered from now on; `undefined` changes nothing.
   * @throws ClosedError If the monitor is closed.
   */
  refresh(keyOrSession: string | Session<Meta>, meta?: Meta): RefreshOutcome {
    this.#requireOpen('refresh a device')
    const outcome = this.#sessions.refresh(keyOrSession, meta, this.#clock.now())
    if (outcome === 'recovered') this.#timer.start()
    return outcome
  }

  /**
   * Takes notice of a beat that a sender numbered.
   *
   * @param mayRegister - Whether it may make a device known that is not.
   * @throws ClosedError If the monitor is closed.
   */
  receive(beat: Beat<Meta>, mayRegister = true): BeatOutcome {
    this.#requireOpen('receive a beat')
    const replaced = this.#table.find(beat.key) !== NOBODY
    const outcome = this.#sessions.receive(beat, mayRegister, this.#clock.now())
    if (outcome === 'recovered' || outcome === 'registered') this.#timer.start()
    if (outcome === 'registered') this.#tellActivated(beat.key, beat.epoch, replaced)
    return outcome
  }

  /** Stops watching a device, lost or not. `false` if it is not known. */
  forget(key: string): boolean {
    const slot = this.#table.find(key)
    if (slot !== NOBODY) this.#forget(slot, 'asked')
    return slot !== NOBODY
  }

  /** A device as it is now, `undefined` if it is not known. */
  device(key: string): Device<Meta> | undefined {
    const slot = this.#table.find(key)
    return slot === NOBODY ? undefined : this.#describe(slot)
  }

  /** All devices, the lost included, in the order in which they came. */
  *devices(): Generator<Device<Meta>, undefined> {
    for (const slot of this.#table.slots()) yield this.#describe(slot)
  }

  /** Whether a device is known; one that is lost only with `includeLost`. */
  isRegistered(key: string, options: { readonly includeLost?: boolean } = {}): boolean {
    const slot = this.#table.find(key)
    if (slot === NOBODY) return false
    return options.includeLost === true || this.#table.stateOf(slot) !== 'lost'
  }

  /**
   * Looks now, and hands out the devices that were lost since it was asked last, in the order of their
   * loss. Each loss is handed out once. One that has recovered meanwhile is not, and without `keepLost`
   * all that are handed out are forgotten.
   */
  takeLost(): Device<Meta>[] {
    if (!this.closed) this.#timer.sweepNow()
    const slots = [...this.#lives.untakenSlots()]
    const devices = slots.map((slot) => this.#describe(slot))
    // All of them first: whoever is told that one is forgotten may ask for the lost as well.
    for (const slot of slots) this.#lives.markTaken(slot)
    if (!this.#settings.keepLost) this.#forgetIfLost(devices, 'taken')
    return devices
  }

  /** The devices that are lost, taken or not, in the order of their loss. */
  lost(): Device<Meta>[] {
    return Array.from(this.#lives.lostSlots(), (slot) => this.#describe(slot))
  }

  /**
   * Forgets the devices that are lost, taken or not, once they are dumped. Those that recover while it
   * dumps are not forgotten, though they may be lost again.
   *
   * @returns Those that were forgotten.
   * @throws TypeError If `dump` is neither a function nor a path.
   * @throws What `dump` throws; then nobody is forgotten.
   */
  async cleanupLost({ dump }: CleanupOptions<Meta> = {}): Promise<Device<Meta>[]> {
    if (dump !== undefined && typeof dump !== 'string') requireFunction('dump', dump)
    const devices = this.lost()
    const losses = new Map(
      Array.from(this.#lives.lostSlots(), (slot) => [
        this.#table.keyOf(slot),
        this.#table.lastBeatOf(slot),
      ]),
    )
    if (typeof dump === 'string') await writeFileAtomic(dump, textOf(devices))
    else await dump?.(devices)
    const isSame = ({ key }: Device<Meta>): boolean =>
      this.#table.lastBeatOf(this.#table.find(key)) === losses.get(key)
    return this.#forgetIfLost(devices.filter(isSame), 'cleaned')
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
      this.#lanes.setLostAfter(requirePositive('lostAfterMs', args[0]))
      this.#lives.reschedule()
      return true
    }
    const [key, lostAfterMs] = args
    requirePositive('lostAfterMs', lostAfterMs)
    const slot = this.#table.find(key)
    if (slot === NOBODY) return false
    const periodMs = this.#table.laneOf(slot)?.terms.periodMs
    this.#lives.setTerms(slot, this.#lanes.termsOf(lostAfterMs, periodMs))
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
    requireObject('options', options)
    requireInteger('capacity', options.capacity ?? 1, 1, Infinity)
    this.#requireOpen('read verdicts')
    const stream = new VerdictStream<Meta>(options, (ended) => this.#streams.delete(ended))
    this.#streams.add(stream)
    return stream
  }

  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof HeartbeatMonitorEvents<Meta>>(
    name: Name,
    listener: (event: HeartbeatMonitorEvents<Meta>[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /** Counts, in O(1). */
  stats(): HeartbeatMonitorStats {
    const { busy, suspects, lost, watched } = this.#lives
    return Object.freeze({
      devices: this.#table.size,
      alive: watched - busy - suspects,
      busy,
      suspect: suspects,
      lost,
      losses: this.#losses,
      pauses: this.#pauses,
      verdicts: this.#guard.heldUntil === undefined ? 'telling' : 'holding',
    })
  }

  /** All that it knows, as data that can be written as JSON if `Meta` can. O(devices). */
  snapshot(): MonitorSnapshot<Meta> {
    const untaken = new Set(this.#lives.untakenSlots())
    const devices = Array.from(this.#table.slots(), (slot) =>
      this.#snapshotOf(slot, !untaken.has(slot)),
    )
    return { version: 1, epoch: this.#sessions.epoch, devices }
  }

  /**
   * Takes on the devices of a snapshot that it does not know. Those that were not lost get a whole limit
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
      if (this.#table.find(device.key) === NOBODY) this.#sessions.restore(device, now)
    }
    if (this.#lives.watched > 0) this.#timer.start()
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
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
    return Promise.resolve()
  }

  #requireOpen(action: string): void {
    if (this.#closing !== undefined) throw new ClosedError(action, 'the heartbeat monitor')
  }

  #sweep({ plannedAt, lateMs }: Sweep): void {
    if (lateMs > this.#settings.pauseToleranceMs(this.lostAfterMs)) this.#excusePause(lateMs)
    // As of when it was planned: beats that came while it was late are still in line to be read.
    this.#lives.sweep(plannedAt)
    while (this.#lives.lost > this.#settings.maxLost) this.#forgetFirstLost()
    if (this.#lives.watched === 0) this.#timer.stop()
  }

  #excusePause(forMs: number): void {
    this.#pauses++
    this.#lives.forgive(this.#clock.now())
    this.#events.emit('paused', { forMs })
  }

  #forgetFirstLost(): void {
    const { value } = this.#lives.lostSlots().next()
    if (value !== undefined) this.#forget(value, 'crowded-out')
  }

  /** Whoever is told of one may have forgotten, replaced or revived the next. @returns Those forgotten. */
  #forgetIfLost(devices: readonly Device<Meta>[], why: 'cleaned' | 'taken'): Device<Meta>[] {
    return devices.filter(({ key, epoch }) => {
      const slot = this.#table.find(key)
      const isLost = this.#table.has(slot, key, epoch) && this.#table.stateOf(slot) === 'lost'
      if (isLost) this.#forget(slot, why)
      return isLost
    })
  }

  #forget(slot: number, why: HeartbeatMonitorEvents['forgotten']['why']): void {
    const isHeard = this.#events.has('forgotten') || this.#streams.size > 0
    const device = isHeard ? this.#describe(slot) : undefined
    this.#sessions.forget(slot)
    if (device === undefined) return
    this.#events.emit('forgotten', { device, why })
    this.#push('forgotten', device)
  }

  /** Unless whoever heard that it is alive has ended the session already. */
  #tellActivated(key: string, epoch: number, replaced: boolean): void {
    const slot = this.#table.find(key)
    if (!this.#events.has('activated') || !this.#table.has(slot, key, epoch)) return
    this.#events.emit('activated', { device: this.#describe(slot), replaced })
  }

  /** Devices are described only where somebody listens. */
  #witness(): ConstructorParameters<typeof Lives<Meta>>[3] {
    return {
      onSuspect: (slot) => this.#tell('suspect', slot),
      onLost: (slot) => {
        this.#losses++
        this.#tell('lost', slot)
      },
      onBusy: (slot) => this.#tell('busy', slot),
      onRecovered: (slot, from) => {
        if (from !== 'alive' && this.#events.has('recovered')) {
          this.#events.emit('recovered', { device: this.#describe(slot), from })
        }
        if (this.#streams.size > 0) this.#push('recovered', this.#describe(slot))
      },
      onHeld: (until) => {
        const forMs = until - this.#clock.now()
        this.#events.emit('held', { suspects: this.#lives.suspects, forMs })
      },
      onReleased: () => this.#events.emit('released', { suspects: this.#lives.suspects }),
    }
  }

  #tell(name: 'busy' | 'lost' | 'suspect', slot: number): void {
    if (this.#streams.size === 0 && !this.#events.has(name)) return
    const device = this.#describe(slot)
    this.#push(name, device)
    this.#events.emit(name, { device })
  }

  #push(type: Verdict['type'], device: Device<Meta>): void {
    for (const stream of this.#streams) stream.push({ type, device })
  }

  #describe(slot: number): Device<Meta> {
    const now = this.#clock.now()
    const lane = this.#table.laneOf(slot)
    return {
      key: this.#table.keyOf(slot),
      meta: this.#table.metaOf(slot),
      epoch: this.#table.epochOf(slot),
      state: this.#table.stateOf(slot),
      silentMs: now - this.#table.lastBeatOf(slot),
      suspicion: lane?.judge.suspicion(this.#lives.countedSilence(slot, now)) ?? 0,
      lostAfterMs: lane?.lostAfterMs ?? this.lostAfterMs,
      blockedMs: this.#table.blockedMsOf(slot),
    }
  }

  #snapshotOf(slot: number, taken: boolean): DeviceSnapshot<Meta> {
    const { silentMs, key, epoch, meta, state } = this.#describe(slot)
    const terms = this.#table.laneOf(slot)?.terms
    const lost = { silentMs, taken }
    return {
      key,
      epoch,
      sequence: this.#table.sequenceOf(slot),
      ...(meta === undefined ? {} : { meta }),
      ...(terms?.ownLostAfterMs === undefined ? {} : { lostAfterMs: terms.ownLostAfterMs }),
      ...(terms?.periodMs === undefined ? {} : { periodMs: terms.periodMs }),
      ...(state === 'lost' ? { lost } : {}),
    }
  }
}

function textOf(devices: readonly Device[]): string {
  return `${JSON.stringify(devices, undefined, 2)}\n`
}
