import { buffers } from './buffers/buffers.ts'
import type { Comparison } from './comparison.ts'

/** All that can be compared. */
export const comparisons: readonly Comparison[] = [buffers]
