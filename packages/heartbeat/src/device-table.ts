import type { DeviceState } from './device.ts'
import type { Lane } from './lane.ts'
import { SlotLists } from './slot-lists.ts'

const STATES = ['alive', 'busy', 'suspect', 'lost'] as const satisfies readonly DeviceState[]

const ALIVE = STATES.indexOf('alive')

/** What {@link DeviceTable.find} says of a key that it does not have. */
export const NOBODY = -1

const FEWEST_ROWS = 64

/** Of a row that nobody has. */
const NO_LIFE = 0

/**
 * The devices as columns: a row is a slot of {@link SlotLists}. A million devices are a dozen arrays,
 * not a million objects, of which the garbage collector would have to know.
 */
export class DeviceTable<Meta> {
  /** The lists that the rows are in. */
  readonly lists: SlotLists = new SlotLists()
  readonly #slots = new Map<string, number>()
  readonly #keys: (string | undefined)[] = []
  readonly #metas: (Meta | undefined)[] = []
  readonly #lanes: (Lane | undefined)[] = []
  /** How many rows are in each state. */
  readonly #counts = STATES.map(() => 0)
  #states = new Uint8Array(FEWEST_ROWS)
  #epochs = new Float64Array(FEWEST_ROWS)
  #sequences = new Float64Array(FEWEST_ROWS)
  /** Of each row its life and its last beat, side by side: a beat needs both, and memory is slow. */
  #beats = new Float64Array(2 * FEWEST_ROWS)
  #lives = 0
  #blockedMs = new Float64Array(FEWEST_ROWS)

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
    while (slot >= this.#states.length) this.#grow()
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    this.#states[slot] = ALIVE
    this.#recount(ALIVE, 1)
    return slot
  }

  remove(slot: number): void {
    this.#recount(this.#states[slot] ?? ALIVE, -1)
    this.#slots.delete(this.keyOf(slot))
    this.#keys[slot] = undefined
    this.#beats[2 * slot] = NO_LIFE
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
    this.#beats[2 * slot] = this.#lives
    return this.#lives
  }

  /** Whether a row is in that life still: as {@link has}, for one who got its number, and sooner known. */
  isIn(slot: number, life: number): boolean {
    return this.#beats[2 * slot] === life
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
  }

  stateOf(slot: number): DeviceState {
    return STATES[this.#states[slot] ?? 0] ?? 'alive'
  }

  setState(slot: number, state: DeviceState): void {
    const index = STATES.indexOf(state)
    this.#recount(this.#states[slot] ?? ALIVE, -1)
    this.#recount(index, 1)
    this.#states[slot] = index
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
    return this.#beats[2 * slot + 1] ?? 0
  }

  setLastBeat(slot: number, now: number): void {
    this.#beats[2 * slot + 1] = now
  }

  blockedMsOf(slot: number): number {
    return this.#blockedMs[slot] ?? 0
  }

  setBlockedMs(slot: number, blockedMs: number): void {
    this.#blockedMs[slot] = blockedMs
  }

  #recount(state: number, change: number): void {
    this.#counts[state] = (this.#counts[state] ?? 0) + change
  }

  #grow(): void {
    this.#epochs = doubled(this.#epochs)
    this.#sequences = doubled(this.#sequences)
    this.#beats = doubled(this.#beats)
    this.#blockedMs = doubled(this.#blockedMs)
    const states = new Uint8Array(this.#states.length * 2)
    states.set(this.#states)
    this.#states = states
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
