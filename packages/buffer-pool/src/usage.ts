/** How the buffers of one tag are used. */
export interface TagStats {
  /** Blocks that are lent now. */
  readonly used: number
  /** The most that were lent at a time. */
  readonly highWater: number
  /** Buffers that were lent. */
  readonly takes: number
  /** Buffers that came back. */
  readonly returns: number
  /** Calls of `tryAllocate()`, `allocate()` and `allocateBytes()` that got nothing. */
  readonly failures: number
  /** Blocks of buffers that were collected as garbage without having been released. */
  readonly leaked: number
}

/** A `BufferPool` at one moment. */
export interface BufferPoolStats extends TagStats {
  /** Bytes in a block. */
  readonly blockSize: number
  /** Blocks there may be. */
  readonly capacity: number
  /** Blocks there is memory for now. */
  readonly reserved: number
  /** Blocks that could be lent now, whether there is memory for them already or not. */
  readonly free: number
  /** Calls of `acquire()` that wait. */
  readonly waiting: number
  /** How many times memory was asked of the system. */
  readonly grows: number
  /** How many times memory was given back to it. */
  readonly trims: number
}

/** What is counted for a pool, and for each tag. */
export class Usage {
  used = 0
  highWater = 0
  takes = 0
  returns = 0
  failures = 0
  leaked = 0

  take(blocks: number): void {
    this.takes++
    this.used += blocks
    if (this.used > this.highWater) this.highWater = this.used
  }

  giveBack(blocks: number): void {
    this.returns++
    this.used -= blocks
  }

  lose(blocks: number): void {
    this.leaked += blocks
    this.used -= blocks
  }

  snapshot(): TagStats {
    const { used, highWater, takes, returns, failures, leaked } = this
    return { used, highWater, takes, returns, failures, leaked }
  }
}
