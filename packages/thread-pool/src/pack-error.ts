import { inspect } from 'node:util'

/**
 * What was thrown, as plain data. Structured clone alone would keep only the built-in class,
 * `message`, `stack` and `cause`, and would fail altogether on an error that has a function in it.
 */
export type PackedError = PackedValue | PackedInstance

/** Something thrown that is no error: `throw 'text'`. */
interface PackedValue {
  readonly value: unknown
}

export interface PackedInstance {
  /** Names of its class and those above it, nearest first. */
  readonly classes: readonly string[]
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Own properties, `code` among them. */
  readonly properties: readonly (readonly [key: string, value: PackedError])[]
  /** The members of an `AggregateError`. */
  readonly errors: readonly PackedError[] | undefined
}

/** A chain of causes is packed to this depth; the rest is described in words. */
const DEEPEST_CAUSE = 16

/** Properties that travel by fields of their own. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'errors'])

/**
 * Packs whatever was thrown. Never throws: what cannot be cloned becomes its description.
 *
 * @param thrown - Anything.
 */
export function packError(thrown: unknown, depth = 0): PackedError {
  if (!(thrown instanceof Error)) return { value: cloneable(thrown) }
  if (depth === DEEPEST_CAUSE) return { value: inspect(thrown) }
  return {
    classes: classNames(thrown),
    name: String(thrown.name),
    message: String(thrown.message),
    stack: String(thrown.stack),
    properties: packProperties(thrown, depth + 1),
    errors:
      thrown instanceof AggregateError
        ? thrown.errors.map((error) => packError(error, depth + 1))
        : undefined,
  }
}

function classNames(error: Error): string[] {
  const names: string[] = []
  let prototype: object | null = Object.getPrototypeOf(error)
  while (prototype !== null && prototype !== Object.prototype) {
    names.push(String(prototype.constructor.name))
    prototype = Object.getPrototypeOf(prototype)
  }
  return names
}

function packProperties(error: Error, depth: number): [string, PackedError][] {
  return Object.entries(Object.getOwnPropertyDescriptors(error))
    .filter(([key, { value }]) => !OWN_FIELDS.has(key) && value !== undefined)
    .map(([key, { value }]) => [key, packError(value, depth)])
}

/** The value if structured clone takes it, else what a debugger would print for it. */
function cloneable(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
    return value
  try {
    structuredClone(value)
    return value
  } catch {
    return inspect(value)
  }
}
