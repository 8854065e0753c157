import { kindOf } from '@cupola/core/authoring'
import type { Beat, BeatOutcome } from './beat.ts'
import type { RefreshOutcome, Session } from './device.ts'
import { type DeviceTable, NOBODY } from './device-table.ts'
import type { Lanes } from './lanes.ts'
import type { Lives } from './lives.ts'
import { PastSessions } from './past-sessions.ts'
import type { DeviceSnapshot } from './snapshot.ts'

/** What a device may have of its own. */
export interface ActivateOptions {
  /**
   * How long this device may be silent.
   *
   * @defaultValue the monitor's limit, also when that changes
   */
  readonly lostAfterMs?: number | undefined
  /**
   * How often it means to beat, for detectors that care.
   *
   * @defaultValue unknown
   */
  readonly periodMs?: number | undefined
}

/** How many forgotten sessions are remembered. */
const PAST_SESSIONS = 10_000

/** What {@link Sessions} works with. */
export interface SessionsParts<Meta> {
  readonly table: DeviceTable<Meta>
  readonly lanes: Lanes
  readonly lives: Lives<Meta>
  /** How many devices beats may register. */
  readonly maxDevices: number
  /** How long a device's main loop may stand still until it is busy. */
  readonly busyAfterMs: () => number
}

/** Who is who: which session of a key is the one that counts, and which beats are of another. */
export class Sessions<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #lanes: Lanes
  readonly #lives: Lives<Meta>
  readonly #past = new PastSessions(PAST_SESSIONS)
  readonly #maxDevices: number
  readonly #busyAfterMs: () => number
  /** No session of this monitor has a higher one, unless a sender chose it. */
  #epoch = 0

  constructor({ table, lanes, lives, maxDevices, busyAfterMs }: SessionsParts<Meta>) {
    this.#table = table
    this.#lanes = lanes
    this.#lives = lives
    this.#maxDevices = maxDevices
    this.#busyAfterMs = busyAfterMs
  }

  get epoch(): number {
    return this.#epoch
  }

  /** The epochs of restored sessions must not come again. */
  skipTo(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch)
  }

  /** Begins a session that follows all others of its key. */
  activate(
    key: string,
    meta: Meta | undefined,
    options: ActivateOptions,
    now: number,
  ): DevicePlace<Meta> & { readonly epoch: number } {
    const known = this.#table.find(key)
    const last = known === NOBODY ? (this.#past.get(key)?.epoch ?? 0) : this.#table.epochOf(known)
    const epoch = Math.max(this.#epoch, last) + 1
    this.#epoch = epoch
    const table = this.#table
    const { slot, life } = this.#begin({ key, epoch, sequence: 0, meta }, options, now)
    return { table, slot, life, epoch }
  }

  /** The slot of a key or of a session; {@link NOBODY} if there is none, or it is another's now. */
  slotOf(target: string | Session<Meta>): number {
    if (typeof target === 'string') return this.#table.find(target)
    const place = target instanceof DeviceSession ? target.slotIn(this.#table) : NOBODY
    if (place !== NOBODY) return place
    const { key, epoch } = requireSession(target)
    const slot = this.#table.find(key)
    return slot !== NOBODY && this.#table.has(slot, key, epoch) ? slot : NOBODY
  }

  refresh(target: string | Session<Meta>, meta: Meta | undefined, now: number): RefreshOutcome {
    const slot = this.slotOf(target)
    if (slot === NOBODY) return this.#isFollowed(target) ? 'stale' : 'unknown'
    if (meta !== undefined) this.#table.setMeta(slot, meta)
    return this.#lives.beat(slot, now) ? 'recovered' : 'ok'
  }

  receive(beat: Beat<Meta>, mayRegister: boolean, now: number): BeatOutcome {
    const slot = this.#table.find(beat.key)
    const known = slot === NOBODY ? this.#past.get(beat.key) : this.#known(slot)
    if (known !== undefined && beat.epoch < known.epoch) return 'stale'
    const isNew = known === undefined || beat.epoch > known.epoch
    if (!isNew && beat.sequence <= known.sequence) return 'replayed'
    if (slot !== NOBODY && !isNew) return this.#take(slot, beat, now)
    if (!mayRegister && slot === NOBODY) return 'unknown'
    if (slot === NOBODY && this.#table.size >= this.#maxDevices) return 'full'
    const begun = this.#begin(beat, { periodMs: beat.periodMs }, now)
    this.#noteBlocked(begun.slot, beat)
    return 'registered'
  }

  /** Takes on a device that a snapshot has, and nobody else. */
  restore(device: DeviceSnapshot<Meta>, now: number): void {
    const { key, epoch, sequence, meta, lostAfterMs, periodMs, lost } = device
    // Who was forgotten after the snapshot was taken stays so.
    if ((this.#past.get(key)?.epoch ?? 0) >= epoch) return
    const slot = this.#table.add(key)
    const terms = this.#lanes.termsOf(lostAfterMs, periodMs)
    this.#table.setEpoch(slot, epoch)
    this.#table.setSequence(slot, sequence)
    this.#table.setMeta(slot, meta)
    if (lost === undefined) this.#lives.begin(slot, terms, now)
    else this.#lives.beginLost(slot, terms, { lastBeat: now - lost.silentMs, taken: lost.taken })
  }

  /** Removes a device that its owner has told of. */
  forget(slot: number): void {
    this.#past.add(this.#table.keyOf(slot), this.#known(slot))
    this.#lives.end(slot)
    this.#table.remove(slot)
  }

  #begin(
    { key, epoch, sequence, meta }: Omit<Beat<Meta>, 'blockedMs' | 'periodMs'>,
    { lostAfterMs, periodMs }: ActivateOptions,
    now: number,
  ): { readonly slot: number; readonly life: number } {
    const known = this.#table.find(key)
    const slot = known === NOBODY ? this.#table.add(key) : known
    const life = this.#table.newLife(slot)
    this.#past.delete(key)
    this.#table.setEpoch(slot, epoch)
    this.#table.setSequence(slot, sequence)
    this.#table.setMeta(slot, meta)
    this.#lives.begin(slot, this.#lanes.termsOf(lostAfterMs, periodMs), now)
    return { slot, life }
  }

  #take(slot: number, beat: Beat<Meta>, now: number): BeatOutcome {
    if (beat.meta !== undefined) this.#table.setMeta(slot, beat.meta)
    // Before anybody is told, who may do anything: the number has been, whatever becomes of the device.
    this.#table.setSequence(slot, beat.sequence)
    const isBusy = (beat.blockedMs ?? 0) >= this.#busyAfterMs()
    // A busy device that beats is busy on: it has not recovered in between.
    let hasRecovered = false
    if (isBusy && this.#table.stateOf(slot) === 'busy') this.#lives.stayBusy(slot, now)
    else hasRecovered = this.#lives.beat(slot, now)
    this.#noteBlocked(slot, beat)
    return hasRecovered ? 'recovered' : 'ok'
  }

  /** Unless whoever heard that it is alive has given its row to another. */
  #noteBlocked(slot: number, { key, epoch, blockedMs = 0 }: Beat<Meta>): void {
    if (!this.#table.has(slot, key, epoch)) return
    this.#table.setBlockedMs(slot, blockedMs)
    if (blockedMs >= this.#busyAfterMs()) this.#lives.setBusy(slot)
  }

  #known(slot: number): { readonly epoch: number; readonly sequence: number } {
    return { epoch: this.#table.epochOf(slot), sequence: this.#table.sequenceOf(slot) }
  }

  #isFollowed(target: string | Session<Meta>): boolean {
    return typeof target !== 'string' && this.#table.find(target.key) !== NOBODY
  }
}

function requireSession<Meta>(target: Session<Meta>): Session<Meta> {
  if (target instanceof DeviceSession) return target
  if (typeof target === 'object' && target !== null && 'key' in target && 'epoch' in target) {
    return target
  }
  const got = kindOf(target)
  throw new TypeError(`Cannot use keyOrSession: got ${got}, expected a key or a session`)
}

/** Where a session is in a table, for as long as it lasts. */
export interface DevicePlace<Meta> {
  readonly table: DeviceTable<Meta>
  readonly slot: number
  readonly life: number
}

/** Remembers its place, so that a beat of it need not look for the key. */
export class DeviceSession<Meta> implements Session<Meta> {
  readonly key: string
  readonly epoch: number
  readonly #table: DeviceTable<Meta>
  readonly #slot: number
  readonly #life: number
  readonly #refresh: (session: DeviceSession<Meta>, meta: Meta | undefined) => RefreshOutcome

  constructor(
    { key, epoch }: Pick<Session<Meta>, 'epoch' | 'key'>,
    { table, slot, life }: DevicePlace<Meta>,
    refresh: (session: DeviceSession<Meta>, meta: Meta | undefined) => RefreshOutcome,
  ) {
    this.key = key
    this.epoch = epoch
    this.#table = table
    this.#slot = slot
    this.#life = life
    this.#refresh = refresh
  }

  /** Its row in that table; {@link NOBODY} if it is of another, or another session has followed. */
  slotIn(table: unknown): number {
    return table === this.#table && this.#table.isIn(this.#slot, this.#life) ? this.#slot : NOBODY
  }

  refresh(meta?: Meta): RefreshOutcome {
    return this.#refresh(this, meta)
  }
}
