import type { MessagePort } from 'node:worker_threads'
import type { PackedError } from './pack-error.ts'

/** The first message to a thread, on the port that every worker has. */
export interface Boot {
  /** The worker module. */
  readonly moduleUrl: string
  /** The thread's end of the channel that everything after this travels on. */
  readonly port: MessagePort
  /** The claim words, see {@link file://./claims.ts}. */
  readonly claims: SharedArrayBuffer
}

/** The first message from a thread: the names of the functions it can call, or why it has none. */
export type Loaded = { readonly names: readonly string[] } | { readonly error: PackedError }

/**
 * Calls for a thread, all of one turn in one message, because the message is what a call costs.
 * Columns instead of an object for each call: arrays of small integers are the least that the
 * serializer can be given.
 */
export interface CallBatch {
  /** Number of the first call; the others follow without a gap. */
  readonly first: number
  /** For each call the index of its function times {@link FLAG_RANGE}, plus its flags. */
  readonly codes: readonly number[]
  /** For each call its arguments. */
  readonly args: readonly (readonly unknown[])[]
}

/** Flags of a call in {@link CallBatch.codes} are below this. */
export const FLAG_RANGE = 4

/** The call may be ended by force: send the answers before it first, or they die with it. */
export const FLAG_FLUSH_FIRST = 1

/** Somebody times the call: tell when it begins. */
export const FLAG_TELL_BEGIN = 2

/** Answers from a thread, in columns like a {@link CallBatch}. */
export interface AnswerBatch {
  /** For each answer the number of its call. */
  readonly numbers: number[]
  /** For each answer what it says. */
  readonly kinds: AnswerKind[]
  /** For each answer the value returned, or the packed error. */
  readonly values: unknown[]
}

/** The call returned, it threw, or it begins. */
export type AnswerKind = typeof RETURNED | typeof THREW | typeof BEGINS

/** The call returned; the value is what. */
export const RETURNED = 0

/** The call threw; the value is a {@link PackedError}. */
export const THREW = 1

/** The call begins, see {@link FLAG_TELL_BEGIN}. */
export const BEGINS = 2

/** Tells a thread that has no calls to end. */
export const END = 'end'
