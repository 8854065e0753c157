import type { Orphans } from './block-ledger.ts'
import type { Block, Lender, Loan } from './loan.ts'
import type { PoolSeat } from './pool-seat.ts'
import { PooledBuffer } from './pooled-buffer.ts'
import type { SharedBufferHandle } from './shared-buffer-handle.ts'
import { type KnownPoolShape, type SharedBufferPoolHandle, shapeOf } from './shared-pool-memory.ts'
import { closedError } from './shared-pool-rule.ts'
import { Usage } from './usage.ts'

/** A loan of this kind. */
interface SharedLoan extends Loan {
  readonly numbers: readonly number[]
}

/**
 * Lends blocks of shared memory to one thread, clean and counted, takes them back, and passes them on
 * to other threads. How one gets them is not its business.
 */
export class SharedLender implements Lender<SharedLoan> {
  readonly shape: KnownPoolShape
  readonly isTracing: boolean = false
  readonly usage: Usage = new Usage()
  readonly #memory: SharedArrayBuffer
  readonly #seat: PoolSeat
  /** The blocks as seen from this thread, each from when it is first used. */
  readonly #blocks: (Block | undefined)[] = []

  constructor(handle: SharedBufferPoolHandle, seat: PoolSeat) {
    this.shape = shapeOf(handle)
    this.#memory = handle.memory
    this.#seat = seat
  }

  get blockSize(): number {
    return this.shape.blockSize
  }

  /** As many blocks as the thread could get if all others gave back theirs. */
  get most(): number {
    return this.shape.maxBlocks - this.usage.used
  }

  /** Lends blocks that the thread has taken. */
  lend(numbers: readonly number[], tag: string | undefined): PooledBuffer {
    const buffer = this.#bufferOf(numbers, { length: 0, tag })
    if (this.shape.zero === 'take') for (const bytes of buffer.spare()) bytes.fill(0)
    return buffer
  }

  takeBack({ numbers, tag }: SharedLoan): void {
    this.usage.giveBack(numbers.length, tag)
    this.#free(numbers)
  }

  /**
   * Ends a loan of this thread. What the next one has to show.
   *
   * @throws ClosedError If the pool is closed.
   */
  handOver(buffer: PooledBuffer): SharedBufferHandle {
    const { id: bufferId, length } = buffer
    return buffer.handOver(this, ({ numbers, tag }) => {
      const proof = this.#seat.send(numbers)
      if (proof === undefined) throw closedError('hand over a shared buffer')
      this.usage.giveBack(numbers.length, tag)
      return { pool: this.shape.identity, blocks: numbers, length, bufferId, tag, proof }
    })
  }

  /** Goes on with what another thread has handed over, or this one; `undefined` if it is gone. */
  takeOver({ blocks, length, tag, proof }: SharedBufferHandle): PooledBuffer | undefined {
    if (!this.#seat.receive(blocks, proof)) return undefined
    return this.#bufferOf(blocks, { length, tag })
  }

  /** Takes back what nobody will release. How many blocks that were. */
  reclaim(kind: Orphans): number {
    // Ours first, so that they are overwritten before they are anybody's, and not behind the door.
    const orphans = this.#seat.adopt(kind)
    this.#free(orphans)
    return orphans.length
  }

  #free(numbers: readonly number[]): void {
    if (this.shape.zero === 'release')
      for (const number of numbers) this.#block(number).bytes.fill(0)
    this.#seat.giveBack(numbers)
  }

  #bufferOf(
    numbers: readonly number[],
    { length, tag }: Pick<SharedBufferHandle, 'length' | 'tag'>,
  ): PooledBuffer {
    this.usage.take(numbers.length, tag)
    const blocks = numbers.map((number) => this.#block(number))
    const loan: SharedLoan = { id: this.usage.takes, tag, blocks, numbers }
    return new PooledBuffer(this, loan, length)
  }

  #block(number: number): Block {
    const { blockSize } = this
    return (this.#blocks[number] ??= {
      bytes: Buffer.from(this.#memory, number * blockSize, blockSize),
    })
  }
}
