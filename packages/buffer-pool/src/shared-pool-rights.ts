import { NOT_YET } from '@cupola/core/authoring'
import type { Right } from '@cupola/shared-sync/authoring'
import type { PoolSeat } from './pool-seat.ts'
import { closedError, ENTRY, EXIT } from './shared-pool-rule.ts'

export const ACQUIRE = 'acquire a shared buffer'

/**
 * The one way to blocks.
 *
 * @param isShortOf - Whether all blocks but those of this thread would be too few.
 */
export function rightToBlocks(
  seat: PoolSeat,
  isShortOf: (count: number) => boolean,
): Right<readonly number[]> {
  return {
    action: ACQUIRE,
    place: ENTRY,
    admits: 'one',
    refusal: () => (seat.isClosed ? closedError(ACQUIRE) : undefined),
    turnedAway: () => closedError(ACQUIRE),
    tryNow: ({ detail }) => seat.tryTake(detail) ?? NOT_YET,
    isOwnHold: ({ detail }) => isShortOf(detail),
    takeOver: ({ detail }) => seat.take(detail),
  }
}

/** The right to know that all blocks of a closed pool are back. */
export function rightToEnd(seat: PoolSeat): Right<void> {
  const action = 'close the shared buffer pool'
  return {
    action,
    place: EXIT,
    admits: 'all',
    refusal: () => undefined,
    turnedAway: () => closedError(action),
    tryNow: () => (seat.isEmpty() ? undefined : NOT_YET),
    takeOver: () => undefined,
  }
}
