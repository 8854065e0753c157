import type { Words } from '@cupola/shared-sync/authoring'

/** Words of a ledger. Not 0 while somebody changes it. */
const CHANGING = 0
/** How many blocks are on the stack. */
const TOP = 1
const HIGH_WATER = 2
/** The number of the next buffer that is handed over. */
const NEXT_TRANSIT = 3
/** So many words of a head; the rest of them say what the pool was made with. */
const HEAD = 16

/** A mark of a block: nobody has it. */
const FREE = 0
/** A mark: nobody has it, but somebody will take it over. The other bits are the number of that. */
const IN_TRANSIT = 1 << 31
/** How many bits of a mark name a seat, plus one. Those above count who had that seat before. */
const SEAT_BITS = 16
const MOST_GENERATIONS = 2 ** 15

/** Whether something can be the mark of blocks that are on their way. */
export function isTransitMark(mark: unknown): boolean {
  return typeof mark === 'number' && mark < 0 && (mark | 0) === mark
}

/** How large a ledger is. */
export interface LedgerShape {
  /** Seats in the lot. */
  readonly seats: number
  readonly blocks: number
}

/** How many words a ledger takes. */
export function ledgerWords({ seats, blocks }: LedgerShape): number {
  return HEAD + seats + 2 * blocks
}

/**
 * Which blocks of a shared pool are free, and whose the others are, in memory that the threads share.
 *
 * Every block has a mark: whose it is. That is what counts. The free ones are on a stack besides, so
 * that nobody has to search; it is changed behind the door of the pool's lot, by one thread at a time.
 * A thread that dies while it changes it leaves CHANGING behind, and the next one makes the stack anew
 * from the marks: so no block is lost, and none is on it that somebody has.
 */
export class BlockLedger {
  readonly #words: Words
  readonly #base: number
  readonly #generations: number
  readonly #marks: number
  readonly #stack: number
  readonly #blocks: number

  /** @param base - The first word of it. */
  constructor(words: Words, { seats, blocks }: LedgerShape, base = 0) {
    this.#words = words
    this.#base = base
    this.#generations = base + HEAD
    this.#marks = this.#generations + seats
    this.#stack = this.#marks + blocks
    this.#blocks = blocks
  }

  /** Blocks that nobody has. Behind the door it is exact. */
  get free(): number {
    return this.#words.load(this.#base + TOP)
  }

  /** The most that somebody had at a time. */
  get highWater(): number {
    return this.#words.load(this.#base + HIGH_WATER)
  }

  /** Behind the door, once: all are free. */
  open(): void {
    this.#stackUp()
  }

  /** The mark of whoever has that seat now. */
  markOf(seat: number): number {
    const generation = this.#words.load(this.#generations + seat) % MOST_GENERATIONS
    return (generation << SEAT_BITS) | (seat + 1)
  }

  /** Whoever had that seat has ended: his mark is nobody's from now on. */
  retire(seat: number): void {
    const word = this.#generations + seat
    this.#words.store(word, (this.#words.load(word) + 1) % MOST_GENERATIONS)
  }

  /** Behind the door: so many blocks, which must be there. */
  take(count: number, mark: number): number[] {
    const words = this.#words
    const top = this.free
    const taken: number[] = []
    words.store(this.#base + CHANGING, 1)
    for (let place = top - 1; place >= top - count; place--) {
      const block = words.load(this.#stack + place)
      words.store(this.#marks + block, mark)
      taken.push(block)
    }
    words.store(this.#base + TOP, top - count)
    words.store(this.#base + CHANGING, 0)
    this.#noteHighWater()
    return taken
  }

  /** Behind the door: makes blocks free, whosoever they were. */
  giveBack(blocks: readonly number[]): void {
    const words = this.#words
    let top = this.free
    words.store(this.#base + CHANGING, 1)
    for (const block of blocks) {
      words.store(this.#marks + block, FREE)
      words.store(this.#stack + top++, block)
    }
    words.store(this.#base + TOP, top)
    words.store(this.#base + CHANGING, 0)
  }

  /** Behind the door: completes what somebody was doing who died. */
  mend(): void {
    if (this.#words.load(this.#base + CHANGING) !== 0) this.#stackUp()
  }

  /** Behind the door: makes free what the dead had. How many blocks that were. */
  reclaim(): number {
    const lost = this.#lost()
    this.giveBack(lost)
    return lost.length
  }

  /** Blocks that the dead had; those who died lately have to be buried first. */
  countLost(): number {
    return this.#lost().length
  }

  /** From now on the blocks are for whoever knows the mark, which no others ever had. */
  send(blocks: readonly number[]): number {
    const number = this.#words.add(this.#base + NEXT_TRANSIT, 1)
    const mark = IN_TRANSIT | number
    for (const block of blocks) this.#words.store(this.#marks + block, mark)
    return mark
  }

  /**
   * Whether the blocks were on their way under the first mark, and have the second now: all or none,
   * whatever somebody has made up.
   */
  receive(blocks: readonly number[], sent: number, mark: number): boolean {
    const words = this.#words
    const received: number[] = []
    for (const block of blocks) {
      // Of all who try, one gets the first block, and with it the others.
      if (words.compareExchange(this.#marks + block, sent, mark) !== sent) break
      received.push(block)
    }
    if (received.length === blocks.length) return true
    for (const block of received) words.store(this.#marks + block, sent)
    return false
  }

  #noteHighWater(): void {
    const used = this.#blocks - this.free
    if (used > this.highWater) this.#words.store(this.#base + HIGH_WATER, used)
  }

  #lost(): number[] {
    const lost: number[] = []
    for (let block = 0; block < this.#blocks; block++) {
      const mark = this.#words.load(this.#marks + block)
      const seat = (mark & ((1 << SEAT_BITS) - 1)) - 1
      if (mark > FREE && mark !== this.markOf(seat)) lost.push(block)
    }
    return lost
  }

  /** The first block comes to the top. */
  #stackUp(): void {
    const words = this.#words
    let top = 0
    words.store(this.#base + CHANGING, 1)
    for (let block = this.#blocks - 1; block >= 0; block--) {
      if (words.load(this.#marks + block) === FREE) words.store(this.#stack + top++, block)
    }
    words.store(this.#base + TOP, top)
    words.store(this.#base + CHANGING, 0)
  }
}
