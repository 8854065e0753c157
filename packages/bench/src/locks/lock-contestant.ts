/** One that can be measured: a lock of a library, or the floor. */
export interface LockContestant {
  readonly family: 'Cupola' | 'floor' | 'rocicorp' | 'async-rwlock' | 'async-mutex'
  readonly name: string
  /** The version, and what it does differently. */
  readonly settings: string
  /** Whether readers share it. */
  readonly isShared: boolean
  /** Makes a lock: a new one for each round, for some remember whoever was there. */
  open(): BenchLock
}

/**
 * A lock in the loops that are measured. Each contestant has them in its own words, so that nobody
 * pays for an adapter.
 */
export interface BenchLock {
  /** Takes the lock to read and gives it back, so many times, one after the other. */
  readAlone(times: number): Promise<void>
  /**
   * Comes so many times, each time to stay until `inside` has settled.
   *
   * @param isWrite - Whether the visit of that number is to write.
   */
  visit(times: number, isWrite: (visit: number) => boolean, inside: Inside): Promise<void>
}

/** What is done while the lock is held. */
export type Inside = (isWrite: boolean) => Promise<void>
