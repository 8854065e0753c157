import { inspect, types } from 'node:util'

/**
 * What was thrown, as plain data. Structured clone alone would keep only the built-in class,
 * `message`, `stack` and `cause`, and would fail altogether on an error that has a function in it.
 *
 * Errors that refer to each other, in a circle even, do the same as plain data: structured clone
 * keeps that.
 */
export type PackedError = PackedValue | PackedList | PackedInstance

/** Something that is no error: `throw 'text'`, or most properties of errors. */
interface PackedValue {
  readonly value: unknown
}

/** An array with errors in it: the members of an `AggregateError`. */
interface PackedList {
  readonly list: readonly PackedError[]
}

/** An error. */
export interface PackedInstance {
  /** Names of its class and those above it, nearest first. */
  readonly classes: readonly string[]
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Own properties, `code` and `cause` among them. */
  readonly properties: PackedProperty[]
}

/** A property of an error. */
interface PackedProperty {
  readonly key: string
  readonly value: PackedError
  readonly enumerable: boolean
}

/** A chain of causes is packed to this depth; the rest is described in words. */
const DEEPEST_CAUSE = 16

/** Properties that travel by fields of their own. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['message', 'stack'])

/**
 * Packs whatever was thrown. Never throws: what cannot be read or cloned becomes its description.
 *
 * @param thrown - Anything.
 */
export function packError(thrown: unknown): PackedError {
  try {
    return pack(thrown, new Map(), 0)
  } catch {
    return { value: described(thrown) }
  }
}

/** `packed` has those that are packed already, or being packed further up. */
function pack(thrown: unknown, packed: Map<Error, PackedInstance>, depth: number): PackedError {
  if (Array.isArray(thrown) && thrown.some(isError)) {
    return { list: thrown.map((each) => pack(each, packed, depth)) }
  }
  if (!isError(thrown)) return { value: cloned(thrown) }
  const before = packed.get(thrown)
  if (before !== undefined) return before
  if (depth === DEEPEST_CAUSE) return { value: described(thrown) }
  const instance: PackedInstance = {
    classes: classNames(thrown),
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === 'string' ? thrown.stack : String(thrown),
    properties: [],
  }
  packed.set(thrown, instance)
  for (const [key, { value, enumerable = false }] of ownProperties(thrown)) {
    instance.properties.push({ key, value: pack(value, packed, depth + 1), enumerable })
  }
  return instance
}

/** Also an error of another realm, such as that of a `vm` context. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
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

function ownProperties(error: Error): [string, PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(error)).filter(
    ([key, { value }]) => !OWN_FIELDS.has(key) && value !== undefined,
  )
}

/** The value if structured clone takes it, else what a debugger would print for it. */
function cloned(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return described(value)
  }
}

function described(value: unknown): string {
  try {
    return inspect(value)
  } catch {
    return 'something that cannot even be described'
  }
}
