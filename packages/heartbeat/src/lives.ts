import type { DeviceState } from './device.ts'
import { type DeviceTable, NOBODY } from './device-table.ts'
import type { DeviceTerms } from './device-terms.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { MassLossGuard } from './mass-loss-guard.ts'

/** Whom {@link Lives} tells what has happened, after it has. A slot is valid until it returns. */
export interface LifeWitness {
  onSuspect(slot: number): void
  onLost(slot: number): void
  onBusy(slot: number): void
  onRecovered(slot: number, from: DeviceState): void
  onHeld(heldUntil: number): void
  onReleased(): void
}

/**
 * The transitions of `DeviceState`, and who is in which state: the only place where a state changes.
 *
 * Every device is in one list: of the living or of the suspects of its lane, of the lost that nobody
 * has taken yet, or of those that were taken and are kept. All but a device's first beat in a lane of
 * its own costs the same, however many there are.
 */
export class Lives<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #lanes: Lanes
  readonly #guard: MassLossGuard
  readonly #witness: LifeWitness
  /** The lost that nobody has taken, in the order of their loss. */
  readonly #untaken: number
  /** The lost that somebody has taken, in the same order. */
  readonly #taken: number
  /** Silence does not count before this moment. */
  #baseline = -Infinity
  #busy = 0
  #suspects = 0
  #lost = 0

  constructor(table: DeviceTable<Meta>, lanes: Lanes, guard: MassLossGuard, witness: LifeWitness) {
    this.#table = table
    this.#lanes = lanes
    this.#guard = guard
    this.#witness = witness
    this.#untaken = table.lists.newList()
    this.#taken = table.lists.newList()
  }

  get busy(): number {
    return this.#busy
  }

  get suspects(): number {
    return this.#suspects
  }

  get lost(): number {
    return this.#lost
  }

  /** How many devices may still be lost. */
  get watched(): number {
    return this.#table.size - this.#lost
  }

  /** Counts silence from now on only, for everybody: what came before was not the devices' fault. */
  forgive(now: number): void {
    this.#baseline = now
  }

  /** How long a device has been silent, as far as it counts. */
  countedSilence(slot: number, now: number): number {
    return Math.max(0, now - Math.max(this.#table.lastBeatOf(slot), this.#baseline))
  }

  /** Begins the life of a row that is new, or another life of one that is not. */
  begin(slot: number, terms: DeviceTerms, now: number): void {
    const from = this.#table.laneOf(slot) === undefined ? 'alive' : this.#table.stateOf(slot)
    this.#count(from, -1)
    this.#leaveLane(slot)
    this.#table.setState(slot, 'alive')
    this.#table.setBlockedMs(slot, 0)
    this.#enter(slot, this.#lanes.laneFor(terms), now)
    if (from !== 'alive') this.#witness.onRecovered(slot, from)
  }

  /** Puts a row back where a snapshot has it. */
  beginLost(slot: number, terms: DeviceTerms, lastBeat: number, wasTaken: boolean): void {
    this.#table.setLane(slot, this.#lanes.privateLaneFor(terms))
    this.#table.setLastBeat(slot, lastBeat)
    this.#table.setState(slot, 'lost')
    this.#table.lists.moveToBack(wasTaken ? this.#taken : this.#untaken, slot)
    this.#lost++
  }

  /** @returns Whether the device had been lost. */
  beat(slot: number, now: number): boolean {
    const lane = this.#table.laneOf(slot)
    if (lane === undefined) return false
    if (lane.isPrivate || this.#table.stateOf(slot) !== 'alive') {
      return this.#beatSlowly(slot, lane, now)
    }
    this.#enter(slot, lane, now)
    return false
  }

  /** A beat of a busy device that is busy still. @returns `false`: it had not been lost. */
  stayBusy(slot: number, now: number): boolean {
    const lane = this.#table.laneOf(slot)
    if (lane === undefined) return false
    this.#learn(slot, lane, now)
    this.#enter(slot, this.#laneToEnter(lane), now)
    return false
  }

  /** Takes notice that a device's main loop does not turn: it beats, and gets nothing else done. */
  setBusy(slot: number): void {
    if (this.#table.stateOf(slot) !== 'alive') return
    this.#table.setState(slot, 'busy')
    this.#busy++
    this.#witness.onBusy(slot)
  }

  /** Gives a device terms of its own. Its silence goes on counting. */
  setTerms(slot: number, terms: DeviceTerms): void {
    const lane = this.#lanes.privateLaneFor(terms)
    const state = this.#table.stateOf(slot)
    this.#abandonLane(slot)
    this.#table.setLane(slot, lane)
    // The lost are in a list that is of no lane, and stay there.
    if (state === 'lost') return
    this.#table.lists.moveToBack(state === 'suspect' ? lane.suspects : lane.alive, slot)
    this.#lanes.lookBy(lane, this.#dueOf(lane))
  }

  /** Looks anew when somebody will be overdue, after limits have changed. */
  reschedule(): void {
    this.#lanes.rescheduleAll((lane) => this.#dueOf(lane))
  }

  /** Judges everybody by the silence that there was at a moment. O(what changes). */
  sweep(now: number): void {
    const wasReleased = this.#releaseIfTime(now)
    const lanes = this.#lanes.takeDue(now)
    for (const lane of lanes) this.#suspectOverdue(lane, now)
    if (!wasReleased) this.#holdIfMassive(lanes, now)
    if (this.#guard.heldUntil === undefined) {
      for (const lane of lanes) this.#convictOverdue(lane, now)
    }
    this.#lanes.reschedule(lanes, (lane) => this.#dueOf(lane))
  }

  /** Takes a row out of all lists, which its owner then removes. */
  end(slot: number): void {
    const state = this.#table.stateOf(slot)
    this.#count(state, -1)
    this.#leaveLane(slot)
  }

  /** The lost, in the order of their loss. */
  *lostSlots(): Generator<number> {
    for (const list of [this.#taken, this.#untaken]) yield* this.#slotsOf(list)
  }

  /** The lost that have not been taken yet, in the order of their loss. */
  *untakenSlots(): Generator<number> {
    yield* this.#slotsOf(this.#untaken)
  }

  /** Notes that somebody was told of a loss. */
  markTaken(slot: number): void {
    this.#table.lists.moveToBack(this.#taken, slot)
  }

  #beatSlowly(slot: number, lane: Lane, now: number): boolean {
    const from = this.#table.stateOf(slot)
    if (from !== 'lost') this.#learn(slot, lane, now)
    this.#count(from, -1)
    this.#table.setState(slot, 'alive')
    this.#table.setBlockedMs(slot, 0)
    this.#enter(slot, this.#laneToEnter(lane), now)
    if (from !== 'alive') this.#witness.onRecovered(slot, from)
    return from === 'lost'
  }

  /** Neither the gap that ended an outage is learned, nor one in which nobody listened. */
  #learn(slot: number, lane: Lane, now: number): void {
    const lastBeat = this.#table.lastBeatOf(slot)
    if (lane.judge.learn === undefined || lastBeat < this.#baseline) return
    lane.judge.learn(now - lastBeat)
    lane.readLimits()
  }

  /** A private lane is left at the first beat if it has nothing to remember. */
  #laneToEnter(lane: Lane): Lane {
    if (lane.isPrivate && lane.judge.learn !== undefined) {
      lane.readLimits()
      return lane
    }
    if (lane.isPrivate) this.#lanes.abandon(lane)
    return this.#lanes.laneFor(lane.terms)
  }

  #enter(slot: number, lane: Lane, now: number): void {
    this.#table.setLane(slot, lane)
    this.#table.setLastBeat(slot, now)
    this.#table.lists.moveToBack(lane.alive, slot)
    this.#lanes.lookBy(lane, now + lane.suspectAfterMs)
  }

  #leaveLane(slot: number): void {
    this.#table.lists.leave(slot)
    this.#abandonLane(slot)
  }

  #abandonLane(slot: number): void {
    const lane = this.#table.laneOf(slot)
    if (lane?.isPrivate === true) this.#lanes.abandon(lane)
  }

  #suspectOverdue(lane: Lane, now: number): void {
    const { lists } = this.#table
    for (let slot = lists.first(lane.alive); slot !== lane.alive; slot = lists.first(lane.alive)) {
      if (this.#since(slot) + lane.suspectAfterMs > now) break
      this.#count(this.#table.stateOf(slot), -1)
      this.#table.setState(slot, 'suspect')
      lists.moveToBack(lane.suspects, slot)
      this.#suspects++
      this.#witness.onSuspect(slot)
    }
  }

  #convictOverdue(lane: Lane, now: number): void {
    const { lists } = this.#table
    for (;;) {
      const slot = this.#overdueSuspect(lane, now)
      if (slot === NOBODY) break
      this.#suspects--
      this.#lost++
      this.#table.setState(slot, 'lost')
      lists.moveToBack(this.#untaken, slot)
      this.#witness.onLost(slot)
    }
  }

  #overdueSuspect(lane: Lane, now: number): number {
    const slot = this.#table.lists.first(lane.suspects)
    if (slot === lane.suspects) return NOBODY
    return this.#since(slot) + lane.lostAfterMs <= now ? slot : NOBODY
  }

  #holdIfMassive(lanes: readonly Lane[], now: number): void {
    if (this.#guard.heldUntil !== undefined) return
    if (!this.#guard.isMassive(this.#suspects, this.watched)) return
    if (!lanes.some((lane) => this.#overdueSuspect(lane, now) !== NOBODY)) return
    this.#witness.onHeld(this.#guard.hold(now))
  }

  /** @returns Whether the time of a hold is over, so that it must not begin again at once. */
  #releaseIfTime(now: number): boolean {
    const { heldUntil } = this.#guard
    if (heldUntil === undefined) return false
    const isOver = now >= heldUntil
    if (!isOver && this.#guard.isMassive(this.#suspects, this.watched)) return false
    this.#guard.release()
    this.reschedule()
    this.#witness.onReleased()
    return isOver
  }

  /** While verdicts are held, suspects need not be looked at. */
  #dueOf(lane: Lane): number {
    const { lists } = this.#table
    const alive = lists.first(lane.alive)
    const suspect = lists.first(lane.suspects)
    const suspicion = alive === lane.alive ? Infinity : this.#since(alive) + lane.suspectAfterMs
    const loss = suspect === lane.suspects ? Infinity : this.#since(suspect) + lane.lostAfterMs
    return Math.min(suspicion, Math.max(loss, this.#guard.heldUntil ?? -Infinity))
  }

  /** From when on its silence counts. */
  #since(slot: number): number {
    return Math.max(this.#table.lastBeatOf(slot), this.#baseline)
  }

  #count(state: DeviceState, change: number): void {
    if (state === 'busy') this.#busy += change
    else if (state === 'suspect') this.#suspects += change
    else if (state === 'lost') this.#lost += change
  }

  *#slotsOf(list: number): Generator<number> {
    const { lists } = this.#table
    let slot = lists.first(list)
    while (slot !== list) {
      // The one handed out may leave the list.
      const next = lists.following(slot)
      yield slot
      slot = next
    }
  }
}
