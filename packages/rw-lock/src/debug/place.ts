/** Where a function was called: a stack as text, or nothing where none could be had. */
export type Place = string | undefined

/**
 * Takes the stack of whoever called a method, without the method and what it called: our own frames.
 * As text at once, for a stack that V8 has not written out keeps objects alive.
 *
 * It is the program that writes it out if it has set `Error.prepareStackTrace`, and that may throw or
 * give anything at all: no reason for a lock to fail.
 */
export function callerOf<Name extends string>(
  target: Readonly<Record<Name, (...args: never[]) => unknown>>,
  method: Name,
): Place {
  try {
    const mark: { stack?: unknown } = {}
    Error.captureStackTrace(mark, target[method])
    return typeof mark.stack === 'string' ? mark.stack : undefined
  } catch {
    return undefined
  }
}

/** An error as if it had been made at `place`; of no place at all if that is not known. */
export function errorAt(message: string, place: Place): Error {
  const error = new Error(message)
  const header = `Error: ${message}`
  error.stack = place === undefined ? header : place.replace(/^.*/, header)
  return error
}
