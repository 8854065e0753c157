import { createHash } from 'node:crypto'
import { types } from 'node:util'
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import { BrokenError, FullError } from '@cupola/core'
import { quoted } from './quoted.ts'

/**
 * Under which name a thread finds the memory among its environment data, which Node hands to each
 * thread when it starts. The number is that of the layout: two versions of this package that share a
 * process either agree on it or do not meet.
 */
const PROCESS = 'cupola: ids of the process, layout 1'

/** The same for a thread that was started too early, and for those that it starts. */
const EARLY_THREAD = 'cupola: ids of a thread that was started early, layout 1'

/** A line of the processor's cache each, so that threads at different sequences do not collide. */
const LINE_BYTES = 64
const LINE_WORDS = LINE_BYTES / BigInt64Array.BYTES_PER_ELEMENT
const LINES = 1024

/** What is in the line of a named sequence, in words of 64 bits. Line 0 has the count of reseeds. */
const KEY = 0
const SHAPE = 1
const COUNT = 2

/**
 * How often {@link reseed} was called, as a single word: a generator that keeps anything random looks
 * at it before each id, and begins anew if it has changed. Shared by the threads of the process, so
 * that all of them begin anew.
 */
export function reseedCount(): Int32Array {
  return new Int32Array(sharedMemory() ?? memoryOfEarlyThread(), 0, 1)
}

/**
 * Where a named sequence counts. The first to come takes a line for it, whichever thread that is.
 *
 * A line is taken by writing the name's hash into it, which is one atomic step: a thread that is
 * terminated half-way leaves nothing half-made behind. Two names of equal hash, 2⁻⁶⁴ for each pair,
 * would share a sequence: there would be gaps, but no number twice.
 *
 * @param name - Any text.
 * @param shape - What all who use that name have to agree on.
 * @returns The count, a single word.
 */
export function namedCount(name: string, shape: string): BigInt64Array {
  const memory = sharedMemory()
  if (memory === undefined) throw startedTooEarly()
  const words = new BigInt64Array(memory)
  const line = takeLine(words, name, hashOf(name))
  const wanted = hashOf(shape)
  const found = Atomics.compareExchange(words, line + SHAPE, 0n, wanted)
  if (found === 0n || found === wanted) {
    return new BigInt64Array(memory, (line + COUNT) * BigInt64Array.BYTES_PER_ELEMENT, 1)
  }
  throw new TypeError(
    `Cannot use the sequence ${quoted(name)}: got other options than where it was first used, expected the same`,
  )
}

function takeLine(words: BigInt64Array, name: string, key: bigint): number {
  const first = Number(BigInt.asUintN(32, key))
  for (let probe = 0; probe < LINES - 1; probe++) {
    const line = (1 + ((first + probe) % (LINES - 1))) * LINE_WORDS
    const found = Atomics.compareExchange(words, line + KEY, 0n, key)
    if (found === 0n || found === key) return line
  }
  throw new FullError('name another sequence', `the process has ${LINES - 1} of them`, name)
}

/** 64 bits that are not 0, which stands for nothing. */
function hashOf(text: string): bigint {
  const hash = createHash('sha256').update(text, 'utf16le').digest().readBigInt64LE()
  return hash === 0n ? 1n : hash
}

/**
 * The main thread makes the memory when it first needs it. Two threads that made one each would count
 * the same numbers, so nobody else does.
 */
function sharedMemory(): SharedArrayBuffer | undefined {
  return find(PROCESS) ?? (isMainThread ? make(PROCESS, LINES * LINE_BYTES) : undefined)
}

function memoryOfEarlyThread(): SharedArrayBuffer {
  return find(EARLY_THREAD) ?? make(EARLY_THREAD, LINE_BYTES)
}

function find(key: string): SharedArrayBuffer | undefined {
  const memory: unknown = getEnvironmentData(key)
  return types.isSharedArrayBuffer(memory) ? memory : undefined
}

function make(key: string, bytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes)
  setEnvironmentData(key, memory)
  return memory
}

function startedTooEarly(): BrokenError {
  return new BrokenError(
    'count for the whole process',
    'this thread was started before the main thread used @cupola/ids; call nextNumber() there ' +
      'before starting threads, or send this one the handle of a NumberSequence',
  )
}
