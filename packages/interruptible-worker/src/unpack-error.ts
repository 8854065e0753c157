import {
  BrokenError,
  ClosedError,
  FullError,
  InterruptedError,
  InvariantError,
  TimeoutError,
} from '@cupola/core'
import type { PackedError, PackedInstance } from './pack-error.ts'

/** An error class whose instances shall keep their class when they come out of a thread. */
export type ErrorClass = abstract new (...args: never[]) => Error

/** An error that came out of a thread and has not been made anew yet. */
export class RemoteFailure {
  readonly packed: PackedError

  constructor(packed: PackedError) {
    this.packed = packed
  }
}

/**
 * Makes the error anew: its class if that is built in, one of the toolkit's or in `known`, else the
 * nearest such class above it; its `name`, `message`, `stack`, own properties and `cause` in any
 * case.
 */
export function unpackError(packed: PackedError, known: readonly ErrorClass[]): unknown {
  return unpack(packed, [...known, ...KNOWN_TO_ALL], new Map())
}

/**
 * Makes the reaction to the promise of a call: the error is made in it, and nowhere earlier, because
 * V8 knows there and nowhere else who awaits the call.
 *
 * @param explain - May add to the error before anybody sees it.
 */
export function rethrower(
  known: readonly ErrorClass[],
  explain: (error: unknown) => void = () => {},
): (reason: unknown) => never {
  return (reason) => {
    if (!(reason instanceof RemoteFailure)) throw reason
    const error = unpackError(reason.packed, known)
    explain(error)
    addCallerStack(error)
    throw error
  }
}

/**
 * Adds the frames of whoever awaits the call to the thread's stack. V8 knows them only inside a
 * reaction to the promise that is awaited, so call this there and nowhere else.
 */
function addCallerStack(error: unknown): void {
  if (!(error instanceof Error)) return
  const here: { stack?: unknown } = {}
  Error.captureStackTrace(here)
  const lines = String(here.stack).split('\n')
  const awaiting = lines.filter((line) => line.startsWith('    at async '))
  if (awaiting.length === 0) return
  const stack = [error.stack, '    at [thread boundary]', ...awaiting].join('\n')
  define(error, 'stack', stack, false)
}

/** Classes that need not be registered. Errors of a thread's own realm match them by name. */
const KNOWN_TO_ALL: readonly ErrorClass[] = [
  BrokenError,
  ClosedError,
  FullError,
  InterruptedError,
  InvariantError,
  TimeoutError,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
]

/** `made` has those that are made already, or being made further up. */
function unpack(
  packed: PackedError,
  known: readonly ErrorClass[],
  made: Map<PackedInstance, Error>,
): unknown {
  if ('value' in packed) return packed.value
  if ('list' in packed) return packed.list.map((each) => unpack(each, known, made))
  const before = made.get(packed)
  if (before !== undefined) return before
  const error = construct(packed, known)
  made.set(packed, error)
  for (const { key, value, enumerable } of packed.properties) {
    define(error, key, unpack(value, known, made), enumerable)
  }
  if (error.name !== packed.name) define(error, 'name', packed.name, false)
  define(error, 'stack', packed.stack, false)
  return error
}

/**
 * An instance of the class, with an error's inner slots, made without running the class's own
 * constructor, whose arguments nobody knows.
 */
function construct(
  { classes, message, name }: PackedInstance,
  known: readonly ErrorClass[],
): Error {
  if (classes.includes('DOMException')) return new DOMException(message, name)
  const errorClass =
    classes.map((each) => known.find((one) => one.name === each)).find(Boolean) ?? Error
  const error: Error = Reflect.construct(Error, [message], errorClass)
  return error
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true })
}
