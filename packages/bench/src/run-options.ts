import {
  requireFunction,
  requireInteger,
  requireObject,
  requireOneOf,
  requireSignal,
} from '@cupola/core/authoring'
import type { RunOptions } from './comparison.ts'

const EFFORTS = ['quick', 'usual', 'thorough'] as const
const MOST_ROUNDS = 99
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Checks what a comparison is run with.
 *
 * @throws TypeError If an option is not what it should be.
 * @throws RangeError If it is out of range.
 */
export function requireRunOptions(options: RunOptions): void {
  requireObject('options', options)
  const { effort = 'usual', rounds = 1, sizes = [1], folder = '', signal, onProgress } = options
  requireOneOf('effort', effort, EFFORTS)
  requireInteger('rounds', rounds, 1, MOST_ROUNDS)
  if (!Array.isArray(sizes)) throw new TypeError('Cannot use sizes: expected an array of numbers')
  if (sizes.length === 0) throw new RangeError('Cannot use sizes: there are none')
  for (const size of sizes) requireInteger('sizes', size, 1, MOST_BYTES)
  if (typeof folder !== 'string') throw new TypeError('Cannot use folder: expected a string')
  if (signal !== undefined) requireSignal('signal', signal)
  if (onProgress !== undefined) requireFunction('onProgress', onProgress)
}
