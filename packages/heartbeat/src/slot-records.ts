const FEWEST_RECORDS = 64

/** Of a record, in numbers of 8 bytes. */
const NUMBERS = 4
const LIFE = 0
const LAST_BEAT = 1

/** Of a record, in integers of 4 bytes, the first of which share their bytes with those numbers. */
const INTEGERS = 8
const BEFORE = 4
const BEHIND = 5
const HOME = 6
const STATE = 7

/**
 * All that a beat of a device reads and writes, 32 bytes side by side: no cache holds a million devices, so
 * what a beat costs is how often it waits for memory. With an array for each of these it was two thirds as fast.
 */
export class SlotRecords {
  #numbers = new Float64Array(NUMBERS * FEWEST_RECORDS)
  #integers = new Int32Array(this.#numbers.buffer)

  /** Makes room for a slot, whose record is all 0 if it was not there. */
  hold(slot: number): void {
    if (NUMBERS * slot < this.#numbers.length) return
    const larger = new Float64Array(this.#numbers.length * 2)
    larger.set(this.#numbers)
    this.#numbers = larger
    this.#integers = new Int32Array(larger.buffer)
  }

  /** Which life of the row it is. */
  lifeOf(slot: number): number {
    return this.#numbers[NUMBERS * slot + LIFE] ?? 0
  }

  setLife(slot: number, life: number): void {
    this.#numbers[NUMBERS * slot + LIFE] = life
  }

  lastBeatOf(slot: number): number {
    return this.#numbers[NUMBERS * slot + LAST_BEAT] ?? 0
  }

  setLastBeat(slot: number, now: number): void {
    this.#numbers[NUMBERS * slot + LAST_BEAT] = now
  }

  /** The slot before it in its list. */
  beforeOf(slot: number): number {
    return this.#integers[INTEGERS * slot + BEFORE] ?? slot
  }

  /** The slot behind it in its list. */
  behindOf(slot: number): number {
    return this.#integers[INTEGERS * slot + BEHIND] ?? slot
  }

  setBehind(slot: number, behind: number): void {
    this.#integers[INTEGERS * slot + BEHIND] = behind
  }

  setBefore(slot: number, before: number): void {
    this.#integers[INTEGERS * slot + BEFORE] = before
  }

  /** The list to whose back a beat moves it. */
  homeOf(slot: number): number {
    return this.#integers[INTEGERS * slot + HOME] ?? 0
  }

  setHome(slot: number, list: number): void {
    this.#integers[INTEGERS * slot + HOME] = list
  }

  /** The number of the state that it is in. */
  stateOf(slot: number): number {
    return this.#integers[INTEGERS * slot + STATE] ?? 0
  }

  setState(slot: number, state: number): void {
    this.#integers[INTEGERS * slot + STATE] = state
  }
}
