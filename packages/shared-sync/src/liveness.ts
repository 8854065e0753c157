/** How a thread is known to the others: its number and when it started, which no two threads share. */
export interface ThreadIdentity {
  /** The operating system's number of the thread; 0 where that is not to be had. */
  readonly thread: number
  /** When it started, as a number of 31 bits; 0 while it has not written that down yet. */
  readonly start: number
}

/** How to know whether a thread is still there. */
export interface Liveness {
  /**
   * The identity of the calling thread.
   *
   * @throws If it has one that cannot be read now.
   */
  self(): ThreadIdentity
  /** Whether the thread has certainly ended. A busy or blocked one has not. */
  hasEnded(identity: ThreadIdentity): boolean
  /** Milliseconds of a clock that all threads of the process share. */
  now(): number
}
