import { ClosedError } from '@cupola/core'
import {
  FREE_BITS,
  GRANTED,
  type ParkingLot,
  QUEUED,
  type Rule,
  STATE,
  WAITING,
  type Words,
} from '@cupola/shared-sync/authoring'
import type { BlockLedger } from './block-ledger.ts'

/** Where those wait who want blocks. */
export const ENTRY = 0
/** Where those wait who have closed the pool, until nobody has any. */
export const EXIT = 1

/** `STATE`: the pool is closed, for ever. */
export const CLOSED: number = FREE_BITS

/** Whether the pool of a lot with those words is closed. */
export function isClosed(words: Words): boolean {
  return (words.load(STATE) & CLOSED) !== 0
}

/** What those are told who come too late. */
export function closedError(action: string): ClosedError {
  return new ClosedError(action, 'the shared buffer pool')
}

/**
 * Who wants blocks gets them in the order they came. `STATE` is 0 while nobody waits and the pool is
 * open.
 *
 * A thread that was granted blocks takes them off the stack itself, so that they are its own when it
 * dies, and free if it dies before; until then they are kept for it.
 */
export function poolRule(ledger: BlockLedger): Rule {
  return {
    settle(lot) {
      ledger.mend()
      if (isClosed(lot.words)) settleClosed(lot, ledger)
      else if ((lot.words.load(STATE) & QUEUED) !== 0) settleOpen(lot, ledger)
    },

    bury(lot, seat) {
      ledger.retire(seat)
      // Nobody is lent them any more, so whoever has a view of them may go on. And if it was the dead
      // one who closed the pool, this is what he may not have come to do.
      if (isClosed(lot.words)) ledger.retireOrphans()
    },
  }
}

function settleOpen(lot: ParkingLot, ledger: BlockLedger): void {
  let free = ledger.free - granted(lot)
  for (let first = lot.first(ENTRY); first >= 0; first = lot.first(ENTRY)) {
    free -= lot.detailOf(first, ENTRY)
    // Nobody behind is let in before the first, or many small would keep out one big for ever.
    if (free < 0) return
    lot.grant(first, ENTRY)
  }
  if (lot.next(ENTRY, GRANTED) < 0) lot.words.store(STATE, 0)
}

function granted(lot: ParkingLot): number {
  let blocks = 0
  for (let seat = lot.next(ENTRY, GRANTED); seat >= 0; seat = lot.next(ENTRY, GRANTED, seat)) {
    blocks += lot.detailOf(seat, ENTRY)
  }
  return blocks
}

function settleClosed(lot: ParkingLot, ledger: BlockLedger): void {
  lot.refuseAllIn(ENTRY)
  if (!areAllBack(lot, ledger)) return
  for (let seat = lot.next(EXIT, WAITING); seat >= 0; seat = lot.next(EXIT, WAITING, seat)) {
    lot.grant(seat, EXIT)
  }
}

/** Behind the door: whether nobody has a block, or is about to take one that was granted. */
export function areAllBack(lot: ParkingLot, ledger: BlockLedger): boolean {
  return ledger.free === ledger.blocks && lot.next(ENTRY, GRANTED) < 0
}
