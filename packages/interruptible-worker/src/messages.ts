import type { MessagePort } from 'node:worker_threads'
import type { PackedError } from './pack-error.ts'
import type { Packed } from './table.ts'

/** The first message to a thread, on the port that every worker has. */
export interface Boot {
  /** The worker module. */
  readonly moduleUrl: string
  /** The thread's end of the channel that everything after this travels on. */
  readonly port: MessagePort
  /** The claim words, see {@link file://./claims.ts}. */
  readonly claims: SharedArrayBuffer
  /** The guard's words, see {@link file://./interrupt-guard.ts}. */
  readonly guard: SharedArrayBuffer
  /** The worker modules of the threads that led to this one, and of this one. */
  readonly lineage: readonly string[]
  /** Whether to tell how long each call has run. */
  readonly timed: boolean
}

/** The first message from a thread: the names of the functions it can call, or why it has none. */
export type Loaded = LoadedNames | LoadFailure

/** The functions that can be called. */
export interface LoadedNames {
  readonly names: readonly string[]
  /** Which of them are generator functions, if there are any: they give nothing but items. */
  readonly generators?: readonly string[]
}

/** Why there is nothing to call. */
export interface LoadFailure {
  readonly error: PackedError
  /** Whether the module has loaded, and it is its `init` that failed. */
  readonly inInit: boolean
}

/** What a thread's heap holds. */
export interface Measured {
  readonly heapBytes: number
}

/** What a thread is told, once it has loaded its module. */
export type Order =
  | CallBatch
  | InterruptOrder
  | CreditOrder
  | typeof RESUME
  | typeof MEASURE
  | typeof END

/**
 * Calls for a thread, all of one turn in one message, because the message is what a call costs.
 * Columns instead of an object for each call, and no names: they are the least that the serializer can
 * be given.
 */
export type CallBatch = readonly [
  /** Number of the first call; the others follow without a gap. */
  first: number,
  /** How many there are. */
  size: number,
  /** For each call the index of its function times {@link FLAG_RANGE}, plus its flags. */
  codes: Column,
  /** How many arguments each call has. */
  counts: Column,
  /** The arguments of the first call, then those of the second, and so on. */
  args: Packed,
  /** What few calls have, by their places in the batch. Left out if none of them has any. */
  details?: Readonly<Record<number, CallDetails>>,
]

/** A number for each call, or one number if it is the same for all. */
export type Column = number | readonly number[]

/** What few calls have to be told. */
export interface CallDetails {
  /** Which attempt it is, from 1 up. */
  readonly attempt: number
  /** Whether somebody listens to its progress. */
  readonly tellsProgress: boolean
  /** How many items it may send before it is given more credit; 0 if it is to send none at all. */
  readonly credit: number
}

/** Flags of a call in {@link CallBatch} are below this. */
export const FLAG_RANGE = 8

/**
 * The call may be ended by force: it begins in a place where that is safe, and the answers before it
 * are sent first, because they would die with it.
 */
export const FLAG_INTERRUPTIBLE = 1

/** Somebody times the call: tell when it begins. */
export const FLAG_TELL_BEGIN = 2

/** What the function gives is sent item by item: the call has a credit in its details. */
export const FLAG_STREAM = 4

/** The call of that number shall end. */
export interface InterruptOrder {
  readonly interrupt: number
  /** Whether its checkpoints raise from now on; if not, only its signal has aborted. */
  readonly raise: boolean
  /** Why, see `packError`. */
  readonly reason: PackedError
}

/** The call of that number may send so many items more, or shall end if it is none. */
export interface CreditOrder {
  readonly creditOf: number
  readonly items: number
}

/** Tells a thread whose execution was terminated to go on with the next call. */
export const RESUME = 'resume'

/** Asks a thread what its heap holds. */
export const MEASURE = 'measure'

/** Tells a thread that has no calls to end. */
export const END = 'end'

/** What a call says before it has ended, apart from its answer: most calls say nothing. */
export interface Words {
  /** The number of the call. */
  readonly said: number
  /** Items for whoever takes them, or news of its progress. */
  readonly kind: WordKind
  readonly words: readonly unknown[]
}

/** What words are. */
export type WordKind = 'item' | 'progress'

/** Answers from a thread, in columns like a {@link CallBatch}. */
export type AnswerBatch = readonly [
  /** For each answer the number of its call; that of the first alone if the others follow without a gap. */
  numbers: Column,
  /** For each answer what it says. */
  kinds: AnswerKind | readonly AnswerKind[],
  /** For each answer the value returned, or the packed error. */
  values: Packed,
  /**
   * What has changed in how long calls take: index of the function, mean milliseconds, and so on in
   * pairs. Left out if nothing has.
   */
  lengths?: readonly number[],
]

/** What an answer says. All but the first three leave the call open. */
export type AnswerKind =
  | typeof RETURNED
  | typeof THREW
  | typeof STOPPED
  | typeof BEGINS
  | typeof HEEDED
  | typeof TOOK

/** The call returned; the value is what. */
export const RETURNED = 0

/** The call threw; the value is a {@link PackedError}. */
export const THREW = 1

/** The execution of the call was terminated, and the thread is ready for the next. */
export const STOPPED = 2

/** The call begins, see {@link FLAG_TELL_BEGIN}. */
export const BEGINS = 3

/** The call noticed that it was interrupted, before it ended; the value is how: a `HeededStage`. */
export const HEEDED = 4

/** The call is over, and its answer follows; the value is how many milliseconds it ran. */
export const TOOK = 5

/** What made a call notice that it was interrupted. */
export type HeededStage = 'signal' | 'checkpoint'
