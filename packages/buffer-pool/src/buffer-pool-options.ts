import { type Clock, systemClock } from '@cupola/core'
import {
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireOneOf,
} from '@cupola/core/authoring'
import { BlockSize } from './block-size.ts'
import { type GuardMode, type LateWriteReport, ZERO_MODES, type ZeroMode } from './hygiene.ts'
import type { LeakMode, LeakReport } from './leak-watch.ts'

/** What a {@link BufferPool} is made with. */
export interface BufferPoolOptions {
  /** How many blocks there may be, from 1 up. Memory is reserved as it is needed. */
  readonly maxBlocks: number
  /**
   * Bytes in a block, from 1 to 1 GiB. See {@link BlockSize}.
   *
   * @defaultValue `BlockSize.medium`
   */
  readonly blockSize?: number | undefined
  /**
   * How many blocks are reserved at once and stay when others are idle.
   *
   * @defaultValue 0
   */
  readonly initialBlocks?: number | undefined
  /**
   * Memory that nobody needed for about so many milliseconds is given back, in whole slabs. One timer
   * looks after it, while there is any; it does not keep the process alive.
   *
   * @defaultValue 30_000
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * When blocks are overwritten with zeros: `'never'`; when they are lent (`'take'`), so that nobody
   * sees what the last owner wrote; or when they come back (`'release'`), so that it does not lie in
   * memory either. Whole blocks, because their owner may have written anywhere through a view.
   *
   * @defaultValue `'never'`
   */
  readonly zero?: ZeroMode | undefined
  /**
   * Which buffers are watched for being collected as garbage without having been released: none, one
   * in 128, or all, which takes some microseconds for each. Only the blocks of a buffer that is watched
   * are replaced when it is lost.
   *
   * @defaultValue `'sampled'`
   */
  readonly leaks?: LeakMode | undefined
  /**
   * Hears of each buffer that was lost, some time after. What it throws is an uncaught exception.
   *
   * @defaultValue nobody; `stats().leaked` counts
   */
  readonly onLeak?: ((report: LeakReport) => void) | undefined
  /**
   * Finds views that are used after the release, at a price that is for debugging. `'poison'` fills
   * blocks with a pattern when they come back and looks whether it is still there when they are lent
   * again. `'detach'` makes each block an ArrayBuffer of its own and takes that away: a stale view has
   * length 0. Both note where buffers are released, as the `cause` of the errors about it.
   *
   * @defaultValue `'off'`
   */
  readonly guard?: GuardMode | undefined
  /**
   * Hears of each block that `guard: 'poison'` found written to after the release. The block is lent
   * all the same.
   *
   * @defaultValue an uncaught `UseAfterReleaseError`
   */
  readonly onLateWrite?: ((report: LateWriteReport) => void) | undefined
  /**
   * Whose milliseconds count.
   *
   * @defaultValue the machine's
   */
  readonly clock?: Clock | undefined
}

/** The most blocks that a pool may have. */
const MOST_BLOCKS = 2 ** 31 - 1
/** The most bytes that a block may have. */
export const MOST_BYTES: number = 2 ** 30

/** The options, complete. */
export interface Settings {
  readonly maxBlocks: number
  readonly blockSize: number
  readonly initialBlocks: number
  readonly idleTimeoutMs: number
  readonly zero: ZeroMode
  readonly leaks: LeakMode
  readonly onLeak: ((report: LeakReport) => void) | undefined
  readonly guard: GuardMode
  readonly onLateWrite: ((report: LateWriteReport) => void) | undefined
  readonly clock: Clock
}

/** The options with what they are by default, checked. */
export function settingsOf(options: BufferPoolOptions): Settings {
  requireObject('options', options)
  const {
    maxBlocks,
    blockSize = BlockSize.medium,
    initialBlocks = 0,
    idleTimeoutMs = 30_000,
    zero = 'never',
    leaks = 'sampled',
    onLeak,
    guard = 'off',
    onLateWrite,
    clock = systemClock,
  } = options
  requireInteger('maxBlocks', maxBlocks, 1, MOST_BLOCKS)
  requireInteger('blockSize', blockSize, 1, MOST_BYTES)
  requireInteger('initialBlocks', initialBlocks, 0, maxBlocks)
  requireDuration('idleTimeoutMs', idleTimeoutMs)
  requireOneOf('zero', zero, ZERO_MODES)
  requireOneOf('leaks', leaks, ['off', 'sampled', 'all'])
  requireOneOf('guard', guard, ['off', 'poison', 'detach'])
  if (onLeak !== undefined) requireFunction('onLeak', onLeak)
  if (onLateWrite !== undefined) requireFunction('onLateWrite', onLateWrite)
  requireClock('clock', clock)
  return {
    maxBlocks,
    blockSize,
    initialBlocks,
    idleTimeoutMs,
    zero,
    leaks,
    onLeak,
    guard,
    onLateWrite,
    clock,
  }
}
