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
   * @throws RangeError If an option is out of range.
   */
  run(options?: RunOptions): Promise<Findings>
}

/** How a comparison is run. */
export interface RunOptions {
  /**
   * Whether to be content with fewer workloads and rounds, for an answer within half a minute.
   *
   * @defaultValue false
   */
  readonly quick?: boolean | undefined
  /**
   * Bytes of the buffers, for the comparison that has any.
   *
   * @defaultValue 1 KiB to 4 MiB
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
  /** Turns that there are. */
  readonly all: number
  /** What is measured now. */
  readonly what: string
}
