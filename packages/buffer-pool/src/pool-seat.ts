import { type ParkingLot, QUEUED, STATE } from '@cupola/shared-sync/authoring'
import type { BlockLedger, Orphans } from './block-ledger.ts'
import { areAllBack, CLOSED, isClosed } from './shared-pool-rule.ts'

/** What a thread does to a shared pool in whose lot it has a seat. */
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

  /** Blocks that are on their way from one thread to another. */
  get inTransit(): number {
    return this.#ledger.inTransit
  }

  get isClosed(): boolean {
    return isClosed(this.lot.words)
  }

  /** Whether somebody waits for blocks, or is about to get some. */
  get isAwaited(): boolean {
    return (this.lot.words.load(STATE) & QUEUED) !== 0
  }

  /** Blocks, if there are so many, nobody waits, and the pool is open. */
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

  /** What proves whose the blocks are to be next; `undefined` if the pool is closed. */
  send(blocks: readonly number[]): number | undefined {
    let proof: number | undefined
    this.lot.change(() => {
      if (!this.isClosed) proof = this.#ledger.send(blocks)
    })
    return proof
  }

  /** Whether they were sent with that proof, and nobody has received them yet. */
  receive(blocks: readonly number[], proof: number): boolean {
    let isReceived = false
    this.lot.change(() => {
      isReceived = this.#ledger.receive(blocks, proof, this.#mark)
    })
    return isReceived
  }

  /** Blocks that threads had that have ended. */
  countLost(): number {
    this.lot.buryTheDead()
    return this.#ledger.orphans('of the dead').length
  }

  /** Makes what nobody will release this thread's, who may give it back. */
  adopt(kind: Orphans): number[] {
    this.lot.buryTheDead()
    let adopted: number[] = []
    this.lot.change(() => {
      adopted = this.#ledger.adopt(kind, this.#mark)
    })
    return adopted
  }

  /** Lends no more to any thread. What is on its way is free again, and so is what the dead had. */
  close(): void {
    this.lot.buryTheDead()
    this.lot.change(() => {
      if (this.isClosed) return
      const { words } = this.lot
      // First: if we die in between, whoever buries us sees that there is something left to do.
      words.store(STATE, words.load(STATE) | CLOSED)
      this.#ledger.retireOrphans()
    })
  }

  /** Whether all blocks are back. */
  isEmpty(): boolean {
    let isEmpty = false
    this.lot.change(() => {
      isEmpty = areAllBack(this.lot, this.#ledger)
    })
    return isEmpty
  }
}
