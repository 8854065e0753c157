import type { DeviceState } from './device.ts'
import type { Lane } from './lane.ts'
import { SlotLists } from './slot-lists.ts'
import { SlotRecords } from './slot-records.ts'

const STATES = ['alive', 'busy', 'suspect', 'lost'] as const satisfies readonly DeviceState[]

const ALIVE = STATES.indexOf('alive')

/** What {@link DeviceTable.find} says of a key that it does not have. */
export const NOBODY = -1

/** What {@link DeviceTable.homeOf} says of a row whose beat is more than a move to the back of a list. */
export const NOWHERE = -1

const FEWEST_ROWS = 64

/** Of a row that nobody has. */
const NO_LIFE = 0

/**
 * The devices as rows, each a slot of {@link SlotLists}: what beats need in {@link SlotRecords}, the rest as
 * columns. A million devices are some arrays, not a million objects, of which the garbage collector would
 * have to know.
 */
export class DeviceTable<Meta> {
  /** The lists that the rows are in. */
  readonly lists: SlotLists
  readonly #records = new SlotRecords()
  readonly #slots = new Map<string, number>()
  readonly #keys: (string | undefined)[] = []
  readonly #metas: (Meta | undefined)[] = []
  readonly #lanes: (Lane | undefined)[] = []
  /** How many rows are in each state. */
  readonly #counts = STATES.map(() => 0)
  #epochs = new Float64Array(FEWEST_ROWS)
  #sequences = new Float64Array(FEWEST_ROWS)
  #blockedMs = new Float64Array(FEWEST_ROWS)
  #lives = 0

  constructor() {
    this.lists = new SlotLists(this.#records)
  }

  /** How many devices it has, the lost ones included. */
  get size(): number {
    return this.#slots.size
  }

  /** How many devices are in a state. */
  count(state: DeviceState): number {
    return this.#counts[STATES.indexOf(state)] ?? 0
  }

  /** How many devices may still be lost. */
  get watched(): number {
    return this.size - this.count('lost')
  }

  /** The slots of all devices, in the order in which their keys first came. */
  slots(): IterableIterator<number> {
    return this.#slots.values()
  }

  /** The slot of a key, or {@link NOBODY}. */
  find(key: string): number {
    return this.#slots.get(key) ?? NOBODY
  }

  /** Makes a row, which is alive, and in no list and no lane. */
  add(key: string): number {
    const slot = this.lists.take()
    while (slot >= this.#epochs.length) this.#grow()
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    this.#records.setState(slot, ALIVE)
    this.#records.setHome(slot, NOWHERE)
    this.#recount(ALIVE, 1)
    return slot
  }

  remove(slot: number): void {
    this.#recount(this.#records.stateOf(slot), -1)
    this.#slots.delete(this.keyOf(slot))
    this.#keys[slot] = undefined
    this.#records.setLife(slot, NO_LIFE)
    this.#metas[slot] = undefined
    this.#lanes[slot] = undefined
    this.lists.give(slot)
  }

  /** Whether the slot still is what somebody remembers it to be. */
  has(slot: number, key: string, epoch: number): boolean {
    return this.#keys[slot] === key && this.#epochs[slot] === epoch
  }

  /** Begins another life of a row, whose number no row of this table has had. */
  newLife(slot: number): number {
    this.#lives++
    this.#records.setLife(slot, this.#lives)
    return this.#lives
  }

  /** Whether a row is in that life still: as {@link has}, for one who got its number, and sooner known. */
  isIn(slot: number, life: number): boolean {
    return this.#records.lifeOf(slot) === life
  }

  keyOf(slot: number): string {
    return this.#keys[slot] ?? ''
  }

  metaOf(slot: number): Meta | undefined {
    return this.#metas[slot]
  }

  setMeta(slot: number, meta: Meta | undefined): void {
    this.#metas[slot] = meta
  }

  /** The lane it is in; for one that is lost the last it was in. */
  laneOf(slot: number): Lane | undefined {
    return this.#lanes[slot]
  }

  setLane(slot: number, lane: Lane | undefined): void {
    this.#lanes[slot] = lane
    this.#findHome(slot)
  }

  /**
   * The list to whose back a beat moves the row, if it does nothing else: that of the living of a shared
   * lane, for one that is alive. {@link NOWHERE} for all others.
   */
  homeOf(slot: number): number {
    return this.#records.homeOf(slot)
  }

  stateOf(slot: number): DeviceState {
    return STATES[this.#records.stateOf(slot)] ?? 'alive'
  }

  setState(slot: number, state: DeviceState): void {
    const index = STATES.indexOf(state)
    this.#recount(this.#records.stateOf(slot), -1)
    this.#recount(index, 1)
    this.#records.setState(slot, index)
    this.#findHome(slot)
  }

  epochOf(slot: number): number {
    return this.#epochs[slot] ?? 0
  }

  setEpoch(slot: number, epoch: number): void {
    this.#epochs[slot] = epoch
  }

  /** The number of its last beat that had one. */
  sequenceOf(slot: number): number {
    return this.#sequences[slot] ?? 0
  }

  setSequence(slot: number, sequence: number): void {
    this.#sequences[slot] = sequence
  }

  lastBeatOf(slot: number): number {
    return this.#records.lastBeatOf(slot)
  }

  setLastBeat(slot: number, now: number): void {
    this.#records.setLastBeat(slot, now)
  }

  blockedMsOf(slot: number): number {
    return this.#blockedMs[slot] ?? 0
  }

  setBlockedMs(slot: number, blockedMs: number): void {
    this.#blockedMs[slot] = blockedMs
  }

  #findHome(slot: number): void {
    const lane = this.#lanes[slot]
    const isPlain = lane?.isPrivate === false && this.#records.stateOf(slot) === ALIVE
    this.#records.setHome(slot, isPlain ? lane.alive : NOWHERE)
  }

  #recount(state: number, change: number): void {
    this.#counts[state] = (this.#counts[state] ?? 0) + change
  }

  #grow(): void {
    this.#epochs = doubled(this.#epochs)
    this.#sequences = doubled(this.#sequences)
    this.#blockedMs = doubled(this.#blockedMs)
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
