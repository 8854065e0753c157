/** How the buffers of one tag are used, in one thread. */
export interface UsageStats {
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
}

/** How the buffers of one tag of a `BufferPool` are used. */
export interface TagStats extends UsageStats {
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

/** What is counted for a pool, or for a tag. */
class Count {
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

/** Counts for a pool what is lent, and for each tag. */
export class Usage {
  readonly #all = new Count()
  readonly #byTag = new Map<string, Count>()

  /** Blocks that are lent now. */
  get used(): number {
    return this.#all.used
  }

  /** Buffers that were lent. */
  get takes(): number {
    return this.#all.takes
  }

  take(blocks: number, tag: string | undefined): void {
    this.#all.take(blocks)
    if (tag !== undefined) this.#of(tag).take(blocks)
  }

  giveBack(blocks: number, tag: string | undefined): void {
    this.#all.giveBack(blocks)
    if (tag !== undefined) this.#of(tag).giveBack(blocks)
  }

  lose(blocks: number, tag: string | undefined): void {
    this.#all.lose(blocks)
    if (tag !== undefined) this.#of(tag).lose(blocks)
  }

  fail(tag: string | undefined): void {
    this.#all.failures++
    if (tag !== undefined) this.#of(tag).failures++
  }

  snapshot(): TagStats {
    return this.#all.snapshot()
  }

  /** All zeros for a tag that was never used. */
  snapshotOf(tag: string): TagStats {
    return (this.#byTag.get(tag) ?? new Count()).snapshot()
  }

  #of(tag: string): Count {
    let count = this.#byTag.get(tag)
    if (count === undefined) this.#byTag.set(tag, (count = new Count()))
    return count
  }
}
