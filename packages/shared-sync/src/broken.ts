import { BrokenError } from '@cupola/core'
import { BROKEN_BY } from './lot-layout.ts'
import type { ParkingLot } from './parking-lot.ts'

/** Why something is not to be had that a thread held when it died. */
export function brokenError(action: string, lot: ParkingLot): BrokenError {
  const thread = lot.words.load(BROKEN_BY)
  return new BrokenError(
    action,
    `thread ${thread} ended, or dropped the primitive, while it held it, expected recover() first`,
  )
}
