/**
 * For those who write a primitive that threads share: the parking lot under all of this package, and
 * what makes an object of it. The decision 0007 of the repository explains it; the mutex is the
 * shortest example. Programs that only use the primitives need none of it.
 *
 * @module
 */
export { type Attachment, attachTo, recall, remember } from './attachments.ts'
export { requireBlocking, type SyncWaitOptions } from './blocking.ts'
export { brokenError } from './broken.ts'
export { LocalQueue, type Notices, type Request, type Right } from './local-queue.ts'
export {
  makeLotBuffer,
  maxThreadsOf,
  requireHandle,
  type SharedHandle,
  type SharedOptions,
} from './lot-buffer.ts'
export {
  BROKEN,
  FREE_BITS,
  GRANTED,
  HOLD,
  QUEUED,
  SEAT_COUNT,
  SEATS_USED,
  seatWord,
  STATE,
  WAITING,
  WHO,
} from './lot-layout.ts'
export { ParkingLot, type Rule } from './parking-lot.ts'
export { Guard, type Holder, runHolding, type SharedGuard } from './shared-guard.ts'
export { Vigil } from './vigil.ts'
export { SharedWords, type Words } from './words.ts'
