import { InvariantError } from '@cupola/core'
import { NOT_YET } from '@cupola/core/authoring'
import {
  GRANTED,
  type ParkingLot,
  QUEUED,
  type Right,
  type Rule,
  STATE,
} from '@cupola/shared-sync/authoring'
import type { BlockLedger } from './block-ledger.ts'

/** Where those wait who want blocks. */
const ENTRY = 0

/**
 * Who wants blocks gets them in the order they came. `STATE` is 0 while nobody waits.
 *
 * A thread that was granted blocks takes them off the stack itself, so that they are its own when it
 * dies, and free if it dies before; until then they are kept for it.
 */
export function poolRule(ledger: BlockLedger): Rule {
  return {
    settle(lot) {
      ledger.mend()
      if ((lot.words.load(STATE) & QUEUED) === 0) return
      let free = ledger.free - granted(lot)
      for (let first = lot.first(ENTRY); first >= 0; first = lot.first(ENTRY)) {
        free -= lot.detailOf(first, ENTRY)
        // Nobody behind is let in before the first, or many small would keep out one big for ever.
        if (free < 0) return
        lot.grant(first, ENTRY)
      }
      if (lot.next(ENTRY, GRANTED) < 0) lot.words.store(STATE, 0)
    },

    bury(_lot, seat) {
      ledger.retire(seat)
    },
  }
}

function granted(lot: ParkingLot): number {
  let blocks = 0
  for (let seat = lot.next(ENTRY, GRANTED); seat >= 0; seat = lot.next(ENTRY, GRANTED, seat)) {
    blocks += lot.detailOf(seat, ENTRY)
  }
  return blocks
}

/**
 * The one way to blocks.
 *
 * @param isShortOf - Whether all blocks but those of this thread would be too few.
 */
export function rightToBlocks(
  seat: PoolSeat,
  isShortOf: (count: number) => boolean,
): Right<readonly number[]> {
  return {
    action: 'acquire a shared buffer',
    place: ENTRY,
    admits: 'one',
    refusal: () => undefined,
    turnedAway: () => new InvariantError('nobody is turned away from a pool'),
    tryNow: ({ detail }) => seat.tryTake(detail) ?? NOT_YET,
    isOwnHold: ({ detail }) => isShortOf(detail),
    takeOver: ({ detail }) => seat.take(detail),
  }
}

/** What a thread does to a pool in whose lot it has a seat. */
export class PoolSeat {
  readonly lot: ParkingLot
  readonly #ledger: BlockLedger
  readonly #mark: number

  constructor(lot: ParkingLot, ledger: BlockLedger) {
    this.lot = lot
    this.#ledger = ledger
    this.#mark = ledger.markOf(lot.seat)
  }

  /** Blocks that nobody has, at this moment. */
  get free(): number {
    return this.#ledger.free
  }

  /** The most that were in use at a time. */
  get highWater(): number {
    return this.#ledger.highWater
  }

  /** Blocks, if there are so many and nobody waits. */
  tryTake(count: number): number[] | undefined {
    const { lot } = this
    if (lot.words.load(STATE) !== 0 || this.#ledger.free < count) return undefined
    let taken: number[] | undefined
    lot.change(() => {
      // While `STATE` is 0, nothing is kept for anybody.
      if (lot.words.load(STATE) === 0 && this.#ledger.free >= count) taken = this.take(count)
    })
    return taken
  }

  /** Behind the door, if there are so many that are kept for nobody else. */
  take(count: number): number[] {
    return this.#ledger.take(count, this.#mark)
  }

  giveBack(blocks: readonly number[]): void {
    this.lot.change(() => this.#ledger.giveBack(blocks))
  }

  /** Blocks that threads had that have ended. */
  countLost(): number {
    this.lot.buryTheDead()
    return this.#ledger.countLost()
  }

  /** Makes them free. */
  reclaim(): number {
    this.lot.buryTheDead()
    let reclaimed = 0
    this.lot.change(() => {
      reclaimed = this.#ledger.reclaim()
    })
    return reclaimed
  }

  /** What proves whose the blocks are to be next. */
  send(blocks: readonly number[]): number {
    return this.#ledger.send(blocks)
  }

  /** Whether they were sent with that proof, and nobody has received them yet. */
  receive(blocks: readonly number[], proof: number): boolean {
    return this.#ledger.receive(blocks, proof, this.#mark)
  }
}
