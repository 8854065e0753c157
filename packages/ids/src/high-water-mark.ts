/**
 * Where somebody who counts keeps, across restarts, how far counting may have gone. The count never goes
 * back: what is below the mark may have been used.
 */
export interface HighWaterMark {
  /** The mark that was stored last; `undefined` if there was none ever. */
  read(): Promise<bigint | undefined>
  /**
   * Raises the mark. It is stored where a crash cannot take it back when this resolves, and not before;
   * if this rejects, the mark is the old one or the new one.
   *
   * @param upTo - Above the mark so far.
   */
  reserve(upTo: bigint): Promise<void>
}
