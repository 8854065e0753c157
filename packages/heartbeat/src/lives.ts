import type { DeviceState } from './device.ts'
import { type DeviceTable, NOWHERE } from './device-table.ts'
import type { DeviceTerms } from './device-terms.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { LostList } from './lost-list.ts'
import type { Silence } from './silence.ts'

/** Whom {@link Lives} tells what has happened, after it has. A slot is valid until it returns. */
export interface LifeWitness {
  onSuspect(slot: number): void
  onLost(slot: number): void
  onBusy(slot: number): void
  onRecovered(slot: number, from: DeviceState): void
}

/** What {@link Lives} works with. */
export interface LifeParts<Meta> {
  readonly table: DeviceTable<Meta>
  readonly lanes: Lanes
  readonly silence: Silence
  readonly lost: LostList
  readonly witness: LifeWitness
}

/**
 * The transitions of `DeviceState`: the only place where a state changes.
 *
 * Every device is in one list: of the living or of the suspects of its lane, or of the lost. All but a
 * device's first beat in a lane of its own costs the same, however many there are.
 */
export class Lives<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #lanes: Lanes
  readonly #silence: Silence
  readonly #lost: LostList
  readonly #witness: LifeWitness

  constructor({ table, lanes, silence, lost, witness }: LifeParts<Meta>) {
    this.#table = table
    this.#lanes = lanes
    this.#silence = silence
    this.#lost = lost
    this.#witness = witness
  }

  /** @returns Whether the device had been lost. */
  beat(slot: number, now: number): boolean {
    const home = this.#table.homeOf(slot)
    if (home === NOWHERE) return this.#beatSlowly(slot, now)
    // Its lane is looked at early enough: its place is no earlier than the one it has.
    this.#table.setLastBeat(slot, now)
    this.#table.lists.moveToBack(home, slot)
    return false
  }

  /** Begins the life of a row that is new, or another life of one that is not. */
  begin(slot: number, terms: DeviceTerms, now: number): void {
    const from = this.#table.stateOf(slot)
    this.end(slot)
    this.#revive(slot)
    this.#enter(slot, this.#lanes.laneFor(terms), now)
    if (from !== 'alive') this.#witness.onRecovered(slot, from)
  }

  /** Puts a row back where a snapshot has it. */
  beginLost(slot: number, terms: DeviceTerms, loss: { lastBeat: number; taken: boolean }): void {
    this.#table.setLane(slot, this.#lanes.privateLaneFor(terms))
    this.#table.setLastBeat(slot, loss.lastBeat)
    this.#table.setState(slot, 'lost')
    this.#lost.add(slot)
    if (loss.taken) this.#lost.markTaken(slot)
  }

  /** A beat of a busy device that is busy still. */
  stayBusy(slot: number, now: number): void {
    const lane = this.#table.laneOf(slot)
    if (lane === undefined) return
    this.#learn(slot, lane, now)
    this.#enter(slot, this.#laneToEnter(lane), now)
  }

  /** Takes notice that a device's main loop does not turn: it beats, and gets nothing else done. */
  setBusy(slot: number): void {
    if (this.#table.stateOf(slot) !== 'alive') return
    this.#table.setState(slot, 'busy')
    this.#witness.onBusy(slot)
  }

  /** Takes notice that the first of a lane's living has been silent for a good part of its limit. */
  suspect(slot: number, lane: Lane): void {
    this.#table.setState(slot, 'suspect')
    this.#table.lists.moveToBack(lane.suspects, slot)
    this.#witness.onSuspect(slot)
  }

  /** Takes notice that a suspect has been silent for too long. */
  lose(slot: number): void {
    this.#table.setState(slot, 'lost')
    this.#lost.add(slot)
    this.#witness.onLost(slot)
  }

  /** Gives a device terms of its own. Its silence goes on counting. */
  setTerms(slot: number, terms: DeviceTerms): void {
    const lane = this.#lanes.privateLaneFor(terms)
    const state = this.#table.stateOf(slot)
    // The lost are in a list that is of no lane, and stay there.
    if (state !== 'lost') this.#table.lists.leave(slot)
    const before = this.#table.laneOf(slot)
    if (before !== undefined) this.#lanes.leave(before)
    this.#table.setLane(slot, lane)
    if (state === 'lost') return
    this.#table.lists.moveToBack(state === 'suspect' ? lane.suspects : lane.alive, slot)
    this.#lanes.lookBy(lane, this.#silence.since(slot) + lane.suspectAfterMs)
  }

  /** Takes a row out of its list and its lane. Its owner then removes it. */
  end(slot: number): void {
    this.#table.lists.leave(slot)
    const lane = this.#table.laneOf(slot)
    if (lane !== undefined) this.#lanes.leave(lane)
  }

  #beatSlowly(slot: number, now: number): boolean {
    const lane = this.#table.laneOf(slot)
    if (lane === undefined) return false
    const from = this.#table.stateOf(slot)
    // The gap that ended an outage is not learned.
    if (from !== 'lost') this.#learn(slot, lane, now)
    this.#revive(slot)
    this.#enter(slot, this.#laneToEnter(lane), now)
    if (from !== 'alive') this.#witness.onRecovered(slot, from)
    return from === 'lost'
  }

  #revive(slot: number): void {
    this.#table.setState(slot, 'alive')
    this.#table.setBlockedMs(slot, 0)
  }

  #learn(slot: number, lane: Lane, now: number): void {
    if (lane.judge.learn === undefined) return
    const gapMs = this.#silence.gapOf(slot, now)
    if (gapMs === undefined) return
    lane.judge.learn(gapMs)
    lane.readLimits()
  }

  /** A private lane is left at the first beat if it has nothing to remember. */
  #laneToEnter(lane: Lane): Lane {
    if (lane.isPrivate && lane.judge.learn !== undefined) {
      lane.readLimits()
      return lane
    }
    if (lane.isPrivate) this.#lanes.leave(lane)
    return this.#lanes.laneFor(lane.terms)
  }

  #enter(slot: number, lane: Lane, now: number): void {
    this.#table.setLane(slot, lane)
    this.#table.setLastBeat(slot, now)
    this.#table.lists.moveToBack(lane.alive, slot)
    this.#lanes.lookBy(lane, now + lane.suspectAfterMs)
  }
}
