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
 * nearest such class above it; its `name`, `message`, own properties and `cause` in any case.
 *
 * The stack is the thread's, followed by that of whoever awaits the call. V8 knows the latter only
 * inside a reaction to the promise that is awaited, so call this there and nowhere else.
 */
export function unpackError(packed: PackedError, known: readonly ErrorClass[]): unknown {
  if ('value' in packed) return packed.value
  const error = construct(packed, known)
  for (const [key, value] of packed.properties) {
    define(error, key, unpackError(value, known), key !== 'cause')
  }
  if (error.name !== packed.name) define(error, 'name', packed.name, false)
  define(error, 'stack', packed.stack, false)
  return error
}

/** Adds the frames of whoever awaits the call to the thread's stack. */
export function addCallerStack(error: unknown): void {
  if (!(error instanceof Error)) return
  const here: { stack?: string } = {}
  Error.captureStackTrace(here)
  const awaiting = here.stack?.split('\n').filter((line) => line.startsWith('    at async '))
  if (awaiting === undefined || awaiting.length === 0) return
  define(error, 'stack', [error.stack, '    at [thread boundary]', ...awaiting].join('\n'), false)
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

/**
 * An instance of the class, with an error's inner slots, made without running the class's own
 * constructor, whose arguments nobody knows.
 */
function construct(packed: PackedInstance, known: readonly ErrorClass[]): Error {
  const { classes, message, name, errors } = packed
  if (classes.includes('DOMException')) return new DOMException(message, name)
  const candidates = [...known, ...KNOWN_TO_ALL]
  const errorClass =
    classes.map((each) => candidates.find((one) => one.name === each)).find(Boolean) ?? Error
  const members = errors?.map((error) => unpackError(error, known))
  const error: Error =
    members === undefined
      ? Reflect.construct(Error, [message], errorClass)
      : Reflect.construct(AggregateError, [members, message], errorClass)
  return error
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true })
}
