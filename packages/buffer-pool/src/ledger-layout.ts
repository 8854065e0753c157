/** Where the words of a ledger are: a head, and tables behind it. */

/** Not 0 while somebody changes the ledger. */
export const CHANGING = 0
/** How many blocks are on the stack. */
export const TOP = 1
export const HIGH_WATER = 2
/** The number of the next buffer that is handed over. */
export const NEXT_TRANSIT = 3
/** How many blocks are on their way from one thread to another. */
export const IN_TRANSIT = 4
/** So many words of a head; the rest of them are for later. */
const HEAD = 16

/** How large a ledger is. */
export interface LedgerShape {
  /** Seats in the lot. */
  readonly seats: number
  readonly blocks: number
}

/** Where the tables of a ledger begin. */
export interface LedgerTables {
  /** For each seat, how many have had it. */
  readonly generations: number
  /** For each block, whose it is. */
  readonly marks: number
  /** For each block, whose it was before it was sent. */
  readonly senders: number
  /** The blocks that are free. */
  readonly stack: number
}

/** How many words a ledger takes. */
export function ledgerWords({ seats, blocks }: LedgerShape): number {
  return HEAD + seats + 3 * blocks
}

/** The tables of a ledger whose first word is `base`. */
export function tablesOf({ seats, blocks }: LedgerShape, base: number): LedgerTables {
  const generations = base + HEAD
  const marks = generations + seats
  const senders = marks + blocks
  return { generations, marks, senders, stack: senders + blocks }
}
