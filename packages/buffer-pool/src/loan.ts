/** A piece of memory of the pool's block size. */
export interface Block {
  /** All of it. */
  readonly bytes: Buffer
}

/** Blocks that somebody has, all of which come back together, once. */
export interface Loan {
  /** Its number in the pool, by which messages tell buffers apart. */
  readonly id: number
  readonly tag: string | undefined
  readonly blocks: readonly Block[]
}

/** Whom a buffer has its blocks from. */
export interface Lender<L extends Loan = Loan> {
  readonly blockSize: number
  /** Whether to note where a buffer is released, for the error of whoever uses it afterwards. */
  readonly isTracing: boolean
  /** Takes the blocks back. Must not throw. A method, so that who lends one kind of loan is a lender. */
  takeBack(loan: L, releasedAt: Error | undefined): void
}
