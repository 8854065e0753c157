import { serialize } from 'node:v8'
import { Script } from 'node:vm'
import { requireObject } from '@cupola/core/authoring'

/** Functions that can be sent as text. */
export type InlineFunctions = Readonly<Record<string, (...args: never[]) => unknown>>

/** A worker module made of functions. */
export class InlineModule<Functions extends object> {
  /** A `data:` URL with all of their text. */
  readonly url: URL
  /** What it was made of. The threads have copies. */
  readonly functions: Functions

  constructor(functions: Functions, source: string) {
    this.functions = functions
    this.url = new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  }
}

/**
 * Makes a worker module of functions that stand in your program, for what is not worth a file.
 *
 * They travel as text, once to each thread, so they see nothing of where they were written: only
 * their arguments, what Node has globally, what they `import()` by a `node:` name, each other by the
 * names they have here, and `constants`. What else they refer to is a `ReferenceError` when they are
 * called. So is what a compiler or a coverage tool adds to their text.
 *
 * @param functions - The functions, by the names that they are called by. Methods, generators and
 *   `async` functions are fine.
 * @param constants - What they may refer to by name, copied by structured clone into each thread.
 * @returns What `new ThreadPool()` takes as its module, with the types of the functions.
 * @throws TypeError If one is not a function, is a class, or has no text because it is native or
 *   bound; or if a name of a constant is not an identifier.
 * @throws DOMException `DataCloneError` if a constant cannot be copied.
 *
 * @example A function beside its use
 * ```ts
 * import { inline, ThreadPool } from '@cupola/thread-pool'
 *
 * const factor = 3
 * const pool = new ThreadPool(inline({ scale: (x: number) => x * factor }, { factor }))
 * await pool.run('scale', [14]) // => 42
 * await pool.close()
 * ```
 */
export function inline<Functions extends InlineFunctions>(
  functions: Functions,
  constants: Readonly<Record<string, unknown>> = {},
): InlineModule<Functions> {
  requireObject('functions', functions)
  requireObject('constants', constants)
  const lines = [constantsText(constants)]
  Object.keys(functions).forEach((name, index) => {
    if (Object.hasOwn(constants, name)) throw cannot(name, 'a constant has the same name')
    // By its own name where it can be, so that the others may call it.
    const local = isReferable(name) ? name : `inline_${index}`
    lines.push(`const ${local} = ${expressionOf(functions, name)}`)
    lines.push(`export { ${local} as ${JSON.stringify(name)} }`)
  })
  return new InlineModule(functions, lines.join('\n'))
}

/** Adds why it may be to the message of a `ReferenceError` that came out of an inline function. */
export function explainReference(error: unknown): void {
  if (!(error instanceof ReferenceError)) return
  const message = `${error.message} (an inline function sees nothing of where it was written: give it as an argument or as a constant of inline())`
  const stack = error.stack?.replace(error.message, message)
  Object.defineProperty(error, 'message', { value: message })
  Object.defineProperty(error, 'stack', { value: stack })
}

/** A function's text as an expression: a method's is none by itself. */
function expressionOf(functions: InlineFunctions, name: string): string {
  const fn: unknown = functions[name]
  if (typeof fn !== 'function') throw cannot(name, `it is ${fn === null ? 'null' : typeof fn}`)
  const text = Function.prototype.toString.call(fn)
  if (NATIVE.test(text)) throw cannot(name, 'it is native or bound and has no text')
  if (CLASS.test(text)) throw cannot(name, 'it is a class')
  if (compiles(`(${text}\n)`)) return `(${text}\n)`
  const method = `Object.values({ ${text}\n })[0]`
  if (compiles(`(${method})`)) return method
  throw cannot(name, 'its text does not stand alone')
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/
const CLASS = /^class\b/

function cannot(name: string, problem: string): TypeError {
  return new TypeError(`Cannot inline "${name}": ${problem}, expected a function with its text`)
}

function constantsText(constants: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(constants)
  if (names.length === 0) return ''
  for (const name of names) {
    if (isReferable(name)) continue
    throw new TypeError(`Cannot inline constant "${name}": expected a name that code can refer to`)
  }
  const bytes = serialize(structuredClone(constants)).toString('base64')
  return `import { deserialize } from 'node:v8'
const { ${names.join(', ')} } = deserialize(Buffer.from(${JSON.stringify(bytes)}, 'base64'))`
}

function isReferable(name: string): boolean {
  return IDENTIFIER.test(name) && compiles(`const ${name} = 0`)
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** Without running it, and as strictly as a module. */
function compiles(source: string): boolean {
  try {
    return new Script(`'use strict';${source}`) instanceof Script
  } catch {
    return false
  }
}
