// authoring.d.ts
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

// attachments.d.ts
export interface Attachment<Kind extends string = string> {
  readonly lot: ParkingLot
  readonly words: SharedWords
  readonly handle: SharedHandle<Kind>
}
export declare function recall<Shared extends object>(
  Class: abstract new (...args: never) => Shared,
  handle: SharedHandle,
): Shared | undefined
export declare function remember(shared: object, attachment: Attachment): void
export declare function attachTo<Kind extends string>(
  handle: SharedHandle<Kind>,
  rule: Rule,
): Attachment<Kind>

// blocking.d.ts
export interface SyncWaitOptions {
  readonly timeout?: number | undefined
  readonly allowOnMainThread?: boolean | undefined
}
export declare function requireBlocking(action: string, options: SyncWaitOptions): number

// broken.d.ts
import { BrokenError } from '@cupola/core'
export declare function brokenError(action: string, lot: ParkingLot): BrokenError

// door.d.ts
export interface Door {
  enter(): boolean
  leave(): void
}

// liveness.d.ts
export interface ThreadIdentity {
  readonly thread: number
  readonly start: number
}
export interface Liveness {
  self(): ThreadIdentity
  hasEnded(identity: ThreadIdentity): boolean
  now(): number
}

// local-queue.d.ts
import { type WaitOptions } from '@cupola/core'
import { NOT_YET } from '@cupola/core/authoring'
export interface Request {
  ticket: number
  detail: number
}
export interface Right<Result> {
  readonly action: string
  readonly place: number
  readonly admits: 'one' | 'all' | 'detail'
  readonly isBinding?: boolean
  refusal(): Error | undefined
  turnedAway(): Error
  tryNow(request: Request): Result | typeof NOT_YET
  isOwnHold?(request: Request): boolean
  arrive?(request: Request): void
  withdraw?(request: Request): void
  isLost?(): boolean
  recount?(waiting: number): void
  giveBack?(result: Result): void
  takeOver(request: Request): Result
}
export interface Notices {
  onNotify(index: number, expected: number, listener: () => void): boolean
}
export declare class LocalQueue<Result> implements Mendable {
  #private
  constructor(lot: ParkingLot, right: Right<Result>, notices: Notices, vigil?: Vigil)
  get size(): number
  wait(options: WaitOptions | undefined, detail?: number): Promise<Result>
  waitSync(timeout: number, now: () => number, detail?: number, entered?: () => void): Result
  requireNoneWait(): void
  collect(): void
  mend(): void
}

// lot-buffer.d.ts
export interface SharedOptions {
  readonly maxThreads?: number | undefined
}
export interface SharedHandle<Kind extends string = string> {
  readonly kind: Kind
  readonly buffer: SharedArrayBuffer
}
export declare function maxThreadsOf(options: SharedOptions): number | undefined
export declare function makeLotBuffer(
  kind: string,
  maxThreads?: number,
  capacity?: number,
): SharedArrayBuffer
export declare function requireHandle(kind: string, handle: SharedHandle): void

// lot-layout.d.ts
export declare const SEAT_COUNT = 2
export declare const SEATS_USED = 3
export declare const STATE = 16
export declare const HOLD = 3
export declare const WAITING = 1
export declare const GRANTED = 2
export declare const QUEUED = 65536
export declare const BROKEN = 131072
export declare const FREE_BITS = 262144
export declare const WHO = 65535
export declare function seatWord(seat: number, word: number): number

// mendables.d.ts
export interface Mendable {
  mend(): void
}

// parking-lot.d.ts
export interface Rule {
  settle(lot: ParkingLot): void
  bury(lot: ParkingLot, seat: number): void
  inspect?(lot: ParkingLot): void
}
export interface Surroundings {
  readonly liveness: Liveness
  makeDoor(words: Words, seat: number, hasEnded: (seat: number) => boolean): Door
}
export declare class ParkingLot {
  #private
  readonly words: Words
  readonly seat: number
  readonly who: number
  constructor(words: Words, seat: number, rule: Rule, surroundings: Surroundings)
  change(fact: () => void): void
  drawTicket(): number
  place(
    place: number,
    {
      ticket,
      detail,
    }: {
      readonly ticket: number
      readonly detail: number
    },
  ): void
  vacate(place: number): void
  stateOf(place: number): number
  grant(seat: number, place: number): void
  refuseAll(): void
  refuseAllIn(place: number): void
  next(place: number, state: number, seat?: number): number
  first(place: number): number
  detailOf(seat: number, place: number): number
  setDetail(seat: number, place: number, detail: number): void
  holdOf(seat: number): number
  setHold(hold: number): void
  sleep(place: number, timeoutMs: number): void
  inspect(): boolean
  buryTheDead(): boolean
  blame(seat: number): void
}

// shared-guard.d.ts
export interface SharedGuard extends Disposable {
  release(): void
}
export interface Holder {
  enter(): void
  leave(): void
}
export declare class Guard implements SharedGuard {
  #private
  constructor(holder: Holder)
  holds(holder: Holder): boolean
  get isReleased(): boolean
  set(holder: Holder): void
  release(): void
  [Symbol.dispose](): void
}
export declare function runHolding<Result>(
  acquiring: Promise<SharedGuard>,
  fn: (held: SharedGuard) => Result | PromiseLike<Result>,
): Promise<Result>

// vigil.d.ts
interface Vigilant {
  collect(): void
}
export declare class Vigil {
  #private
  constructor(lot: ParkingLot)
  get isKept(): boolean
  add(vigilant: Vigilant): void
  delete(vigilant: Vigilant): void
}

// words.d.ts
export interface Words {
  load(index: number): number
  store(index: number, value: number): void
  note(index: number, value: number): void
  exchange(index: number, value: number): number
  compareExchange(index: number, expected: number, wanted: number): number
  add(index: number, value: number): number
  wait(index: number, expected: number, timeoutMs: number): 'ok' | 'not-equal' | 'timed-out'
  notify(index: number, count?: number): void
}
export declare class SharedWords implements Words {
  #private
  constructor(buffer: SharedArrayBuffer)
  load(index: number): number
  store(index: number, value: number): void
  note(index: number, value: number): void
  exchange(index: number, value: number): number
  compareExchange(index: number, expected: number, wanted: number): number
  add(index: number, value: number): number
  wait(index: number, expected: number, timeoutMs: number): 'ok' | 'not-equal' | 'timed-out'
  notify(index: number, count?: number): void
  onNotify(index: number, expected: number, listener: () => void): boolean
}
