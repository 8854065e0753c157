import { FullError, type WaitOptions } from '@cupola/core'
import { requireInteger, requireObject, requireString } from '@cupola/core/authoring'

/** How blocks are asked for. */
export interface AllocateOptions {
  /**
   * Who asks: for `statsOf()` and for reports of leaks. The pool counts for each name for ever, so let
   * there be a few.
   *
   * @defaultValue none
   */
  readonly tag?: string | undefined
}

/** How blocks are asked for, and what may end the wait for them. */
export interface AcquireOptions extends AllocateOptions, WaitOptions {}

/** What a `FullError` of a pool has `refused`. */
export interface RefusedBlocks {
  /** How many blocks were wanted. */
  readonly blocks: number
  /** How many there were to be had at that moment. */
  readonly free: number
}

/** Checks a number of blocks. More than there are is not wrong, but refused. */
export function requireBlocks(blocks: number): void {
  requireInteger('blocks', blocks, 1, Number.MAX_SAFE_INTEGER)
}

/** The tag in some options, checked. */
export function tagOf(options: AllocateOptions | undefined): string | undefined {
  if (options === undefined) return undefined
  requireObject('options', options)
  const { tag } = options
  return tag === undefined ? undefined : requireString('tag', tag)
}

/** How many blocks it takes for so many bytes, one at least. */
export function blocksFor(bytes: number, blockSize: number): number {
  requireInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER)
  return Math.max(1, Math.ceil(bytes / blockSize))
}

/** Why blocks are not lent. */
export interface Shortage extends RefusedBlocks {
  /** How many there are in all. */
  readonly capacity: number
  /** Whether somebody waits, and comes first. */
  readonly isAwaited: boolean
}

/** What those are told who get no blocks. */
export function shortOf(
  what: string,
  { blocks, free, capacity, isAwaited }: Shortage,
): FullError<RefusedBlocks> {
  const problem =
    isAwaited && blocks <= free
      ? `those who wait come first (blocks wanted: ${blocks}, free: ${free})`
      : `${free} of ${capacity} blocks are free, not ${blocks}`
  return new FullError(`allocate ${what}`, problem, { blocks, free })
}
