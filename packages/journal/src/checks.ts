import { requireObject } from '@cupola/core/authoring'
import type { FileSystem } from './file-system.ts'

/** Checks where something is. An empty path would be wherever the process happens to be. */
export function requirePath(name: string, path: string): string {
  if (typeof path !== 'string') {
    throw new TypeError(`Cannot use ${name}: got ${typeof path}, expected a path`)
  }
  if (path !== '') return path
  throw new RangeError(`Cannot use ${name}: got an empty text, expected a path`)
}

/** Checks the id of a record, by its type. */
export function requireId(name: string, id: unknown): void {
  if (typeof id === 'bigint') return
  throw new TypeError(`Cannot use ${name}: got ${typeof id}, expected a bigint`)
}

/** Checks something to go through, at once or as it comes. */
export function requireIterable(name: string, value: unknown): void {
  const isObject = typeof value === 'object' && value !== null
  if (isObject && (Symbol.iterator in value || Symbol.asyncIterator in value)) return
  throw new TypeError(`Cannot use ${name}: expected something to iterate over`)
}

/** Checks bytes. */
export function requireBytes(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`Cannot use ${name}: got ${typeof value}, expected a Uint8Array`)
  }
  if (value.length > 0) return
  try {
    // Refused for what had bytes once, as a view of a buffer that was transferred to another thread.
    new Uint8Array(0).set(value)
  } catch (cause) {
    throw new TypeError(`Cannot use ${name}: its buffer is gone`, { cause })
  }
}

/** Checks a journal that somebody is handed, by the method that is to be called. */
export function requireMethod(journal: object, method: string): void {
  requireObject('journal', journal)
  const found: unknown = Reflect.get(journal, method)
  if (typeof found === 'function') return
  throw new TypeError(`Cannot use journal: it has no ${method}(), expected a Journal`)
}

/** Checks a {@link FileSystem}, by shape. */
export function requireFileSystem(value: FileSystem): FileSystem {
  requireObject('fileSystem', value)
  for (const method of METHODS) {
    if (typeof value[method] === 'function') continue
    throw new TypeError(`Cannot use fileSystem: it has no ${method}(), expected a FileSystem`)
  }
  return value
}

const METHODS = [
  'makeDirectory',
  'list',
  'open',
  'rename',
  'remove',
  'syncDirectory',
  'lock',
] as const
