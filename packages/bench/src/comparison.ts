import type { Findings } from './findings.ts'

/** One question that can be put to this machine. */
export interface Comparison {
  /** What `cupola bench` calls it. */
  readonly name: string
  readonly question: string
  /** Who takes part. */
  readonly contestants: readonly string[]
  /**
   * Measures. If it is interrupted, it gives what it has by then.
   *
   * @throws TypeError If an option is not what it should be.
   * @throws RangeError If one is out of range, or if there are sizes and it has none.
   */
  run(options?: RunOptions): Promise<Findings>
}

/** How a comparison is run. */
export interface RunOptions {
  /**
   * How much is measured: `quick` answers within half a minute, `usual` in some two minutes, and
   * `thorough` leaves nothing out, which takes many times as long for buffers.
   *
   * @defaultValue 'usual'
   */
  readonly effort?: 'quick' | 'usual' | 'thorough' | undefined
  /**
   * Bytes of the buffers, from 1 to 64 MiB, for the comparison that has any.
   *
   * @defaultValue 1 KiB to 4 MiB, fewer if it is to be quick
   */
  readonly sizes?: readonly number[] | undefined
  /**
   * How often each contestant has its turn, from 1 to 99.
   *
   * @defaultValue what the comparison holds for enough
   */
  readonly rounds?: number | undefined
  /**
   * Where the libraries of others are looked for: a folder with `node_modules`, or one below it.
   *
   * @defaultValue the current folder
   */
  readonly folder?: string | undefined
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined
  /** Hears how far it is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** How far a comparison is. */
export interface Progress {
  /** Turns done. */
  readonly done: number
  /** Turns that there will be, as far as that can be told: fewer than planned, if the time is over before. */
  readonly all: number
  /** What is measured now. */
  readonly what: string
}
