import type { Words } from '@cupola/shared-sync/authoring'
import {
  CHANGING,
  HIGH_WATER,
  IN_TRANSIT,
  type LedgerShape,
  type LedgerTables,
  NEXT_TRANSIT,
  tablesOf,
  TOP,
} from './ledger-layout.ts'

/** A mark of a block: nobody has it. */
const FREE = 0
/** A mark: nobody has it, but somebody will take it over. The other bits are the number of that. */
const SENT = 1 << 31
/** How many bits of a mark name a seat, plus one. Those above count who had that seat before. */
const SEAT_BITS = 16
const MOST_GENERATIONS = 2 ** 15

/**
 * Whose blocks are orphans: those that dead threads had; those that they had handed over as well; or
 * all that were handed over, whoever did.
 */
export type Orphans = 'of the dead' | 'of the dead, or sent by them' | 'of the dead, or sent'

/** Whether something can be the mark of blocks that are on their way. */
export function isTransitMark(mark: unknown): boolean {
  return typeof mark === 'number' && mark < 0 && (mark | 0) === mark
}

/**
 * Which blocks of a shared pool are free, and whose the others are, in memory that the threads share.
 * All changes are made behind the door of the pool's lot, by one thread at a time.
 *
 * Every block has a mark: whose it is. That is what counts. The free ones are on a stack besides, so
 * that nobody has to search. A thread that dies while it changes something leaves CHANGING behind, and
 * the next one makes the stack anew from the marks: so no block is lost, and none is on it that
 * somebody has.
 */
export class BlockLedger {
  readonly blocks: number
  readonly #words: Words
  readonly #base: number
  readonly #tables: LedgerTables

  /** @param base - The first word of it. */
  constructor(words: Words, shape: LedgerShape, base = 0) {
    this.blocks = shape.blocks
    this.#words = words
    this.#base = base
    this.#tables = tablesOf(shape, base)
  }

  /** Blocks that nobody has. Behind the door it is exact. */
  get free(): number {
    return this.#words.load(this.#base + TOP)
  }

  /** The most that somebody had at a time. */
  get highWater(): number {
    return this.#words.load(this.#base + HIGH_WATER)
  }

  /** Blocks that are on their way. */
  get inTransit(): number {
    return this.#words.load(this.#base + IN_TRANSIT)
  }

  /** Once: all are free. */
  open(): void {
    this.#restore()
  }

  /** The mark of whoever has that seat now. */
  markOf(seat: number): number {
    const generation = this.#words.load(this.#tables.generations + seat) % MOST_GENERATIONS
    return (generation << SEAT_BITS) | (seat + 1)
  }

  /** Whoever had that seat has ended: his mark is nobody's from now on. */
  retire(seat: number): void {
    const word = this.#tables.generations + seat
    this.#words.store(word, (this.#words.load(word) + 1) % MOST_GENERATIONS)
  }

  /** So many blocks, which must be there. */
  take(count: number, mark: number): number[] {
    const { marks, stack } = this.#tables
    const words = this.#words
    const top = this.free
    const taken: number[] = []
    this.#begin()
    for (let place = top - 1; place >= top - count; place--) {
      const block = words.load(stack + place)
      words.store(marks + block, mark)
      taken.push(block)
    }
    this.#end(top - count)
    this.#noteHighWater()
    return taken
  }

  /** Makes blocks free, whosoever they were. */
  giveBack(blocks: readonly number[]): void {
    const { marks, stack } = this.#tables
    const words = this.#words
    let top = this.free
    this.#begin()
    for (const block of blocks) {
      words.store(marks + block, FREE)
      words.store(stack + top++, block)
    }
    this.#end(top)
  }

  /** Completes what somebody was doing who died. */
  mend(): void {
    if (this.#words.load(this.#base + CHANGING) !== 0) this.#restore()
  }

  /** From now on the blocks are for whoever knows the mark, which no others had in 2³¹ hand-overs. */
  send(blocks: readonly number[]): number {
    const { marks, senders } = this.#tables
    const words = this.#words
    const sent = SENT | words.add(this.#base + NEXT_TRANSIT, 1)
    this.#begin()
    for (const block of blocks) {
      words.store(senders + block, words.load(marks + block))
      words.store(marks + block, sent)
    }
    this.#countSent(blocks.length)
    this.#end(this.free)
    return sent
  }

  /**
   * Whether the blocks were on their way under the first mark, and have the second now: all or none,
   * whatever somebody has made up.
   */
  receive(blocks: readonly number[], sent: number, mark: number): boolean {
    const { marks, senders } = this.#tables
    const words = this.#words
    const isSent = blocks.every((block) => words.load(marks + block) === sent)
    if (!isSent || new Set(blocks).size < blocks.length) return false
    this.#begin()
    // Before the marks: if we die among those, the rest of the blocks are a dead one's too.
    for (const block of blocks) words.store(senders + block, mark)
    for (const block of blocks) words.store(marks + block, mark)
    this.#countSent(-blocks.length)
    this.#end(this.free)
    return true
  }

  /** Blocks that nobody will release; those who died lately have to be buried first. */
  orphans(kind: Orphans): number[] {
    return this.#blocksThat((block) => this.#isOrphan(block, kind))
  }

  /** Orphans have that mark from now on. Which blocks those are. */
  adopt(kind: Orphans, mark: number): number[] {
    const orphans = this.orphans(kind)
    this.#begin()
    this.#countSent(-this.#sentOf(orphans))
    for (const block of orphans) this.#words.store(this.#tables.marks + block, mark)
    this.#end(this.free)
    return orphans
  }

  /**
   * Makes orphans free in a pool that is closed. They come below the others on the stack: who was
   * granted blocks before it was closed gets those that were free then, because of these there may be views.
   */
  retireOrphans(): void {
    const { marks, stack } = this.#tables
    const words = this.#words
    const top = this.free
    const orphans = this.orphans('of the dead, or sent')
    this.#begin()
    this.#countSent(-this.#sentOf(orphans))
    for (let place = top - 1; place >= 0; place--) {
      words.store(stack + place + orphans.length, words.load(stack + place))
    }
    for (const [place, block] of orphans.entries()) {
      words.store(marks + block, FREE)
      words.store(stack + place, block)
    }
    this.#end(top + orphans.length)
  }

  #isOrphan(block: number, kind: Orphans): boolean {
    const { marks, senders } = this.#tables
    const mark = this.#words.load(marks + block)
    if (mark >= FREE || kind === 'of the dead') return this.#isOfTheDead(mark)
    return kind === 'of the dead, or sent' || this.#isOfTheDead(this.#words.load(senders + block))
  }

  #isOfTheDead(mark: number): boolean {
    const seat = (mark & ((1 << SEAT_BITS) - 1)) - 1
    return mark > FREE && mark !== this.markOf(seat)
  }

  #noteHighWater(): void {
    const used = this.blocks - this.free
    if (used > this.highWater) this.#words.store(this.#base + HIGH_WATER, used)
  }

  #countSent(sent: number): void {
    this.#words.store(this.#base + IN_TRANSIT, this.inTransit + sent)
  }

  #sentOf(blocks: readonly number[]): number {
    return blocks.filter((block) => this.#isSent(block)).length
  }

  #isSent(block: number): boolean {
    return this.#words.load(this.#tables.marks + block) < FREE
  }

  #begin(): void {
    this.#words.store(this.#base + CHANGING, 1)
  }

  #end(top: number): void {
    this.#words.store(this.#base + TOP, top)
    this.#words.store(this.#base + CHANGING, 0)
  }

  /** Makes the stack anew. The first block comes to the top. */
  #restore(): void {
    const { marks, stack } = this.#tables
    const words = this.#words
    let top = 0
    this.#begin()
    for (let block = this.blocks - 1; block >= 0; block--) {
      if (words.load(marks + block) === FREE) words.store(stack + top++, block)
    }
    words.store(this.#base + IN_TRANSIT, this.#blocksThat((block) => this.#isSent(block)).length)
    this.#end(top)
  }

  #blocksThat(isSuch: (block: number) => boolean): number[] {
    const found: number[] = []
    for (let block = 0; block < this.blocks; block++) if (isSuch(block)) found.push(block)
    return found
  }
}
