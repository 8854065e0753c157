import { randomFillSync } from 'node:crypto'
import { types } from 'node:util'
import { requireInteger, requireObject } from '@cupola/core/authoring'
import {
  CAPACITY,
  IDENTITY,
  INSPECTED_AT,
  KIND,
  lotBytes,
  MAGIC,
  MOST_SEATS,
  SEAT_COUNT,
  SEATS_USED,
} from './lot-layout.ts'
import { threadFiles } from './thread-files.ts'

/** What a shared primitive is made with. */
export interface SharedOptions {
  /**
   * How many threads may be attached at a time, from 1 to 4,096; 64 bytes for each. Any number of
   * them may wait, any number of times. Threads that have ended do not count.
   *
   * @defaultValue 64
   */
  readonly maxThreads?: number | undefined
}

/**
 * What travels to another thread, by `postMessage` or `workerData`, and is attached to there. A plain
 * object around a SharedArrayBuffer: it can be sent as often as you like, and kept.
 */
export interface SharedHandle<Kind extends string = string> {
  /** Which class attaches to it. */
  readonly kind: Kind
  /** The memory that the threads share. */
  readonly buffer: SharedArrayBuffer
}

/**
 * Checks the options of a constructor.
 *
 * @returns How many threads may be attached, if they say so.
 * @throws TypeError If they are not an object.
 */
export function maxThreadsOf(options: SharedOptions): number | undefined {
  requireObject('options', options)
  return options.maxThreads
}

/** Changes with the layout, so that two versions of this package do not share a lot. */
const LAYOUT = 0x43_55_50_02

/** Makes the memory of a primitive, with nobody in it. */
export function makeLotBuffer(kind: string, maxThreads = 64, capacity = 0): SharedArrayBuffer {
  requireInteger('maxThreads', maxThreads, 1, 4096)
  // One more than may attach: see `takeSeat`.
  const seats = Math.min(maxThreads + 1, MOST_SEATS)
  const buffer = new SharedArrayBuffer(lotBytes(seats))
  const words = new Int32Array(buffer)
  words[MAGIC] = LAYOUT
  words[KIND] = numberOf(kind)
  words[SEAT_COUNT] = seats
  words[CAPACITY] = capacity
  // Nobody can have died in it so far.
  words[INSPECTED_AT] = threadFiles.now()
  randomFillSync(words, IDENTITY, 2)
  return buffer
}

/**
 * Checks what somebody wants to attach to.
 *
 * @throws TypeError If it is not a handle of that kind.
 */
export function requireHandle(kind: string, handle: SharedHandle): void {
  if (isHandle(kind, handle)) return
  throw new TypeError(`Cannot attach: expected the handle of a ${kind}`)
}

function isHandle(kind: string, handle: unknown): boolean {
  if (typeof handle !== 'object' || handle === null) return false
  // By what it is, not by class: a buffer of another realm is one too.
  if (!('buffer' in handle) || !types.isSharedArrayBuffer(handle.buffer)) return false
  const { byteLength } = handle.buffer
  if (byteLength < lotBytes(0) || byteLength % Int32Array.BYTES_PER_ELEMENT !== 0) return false
  const words = new Int32Array(handle.buffer)
  if (words[MAGIC] !== LAYOUT || words[KIND] !== numberOf(kind)) return false
  const [seats, used] = [words[SEAT_COUNT] ?? 0, words[SEATS_USED] ?? 0]
  return byteLength === lotBytes(seats) && used >= 0 && used <= seats
}

/** By which a lot is told from any other, in this process. */
export function identityOf(buffer: SharedArrayBuffer): string {
  return new Int32Array(buffer, IDENTITY * Int32Array.BYTES_PER_ELEMENT, 2).join()
}

/** A name as a word: enough to tell a handful of kinds apart. */
function numberOf(kind: string): number {
  let number = 0
  for (const letter of kind) number = (Math.imul(number, 31) + (letter.codePointAt(0) ?? 0)) | 0
  return number
}
