import type { Call } from './call.ts'
import type { CallLengths } from './call-lengths.ts'
import { detachedError, isDetached } from './detached.ts'
import { isLifeFunction } from './life-functions.ts'
import {
  FLAG_INTERRUPTIBLE,
  FLAG_RANGE,
  FLAG_STREAM,
  FLAG_TELL_BEGIN,
  type LoadedNames,
} from './messages.ts'

/** The functions of a loaded worker module, and the numbers that stand for them in messages. */
export class FunctionTable {
  readonly #href: string
  readonly #names: readonly string[]
  readonly #codes: ReadonlyMap<string, number>
  readonly #lengths: CallLengths
  readonly #generators: ReadonlySet<string> | undefined

  constructor(href: string, { names, generators }: LoadedNames, lengths: CallLengths) {
    this.#href = href
    this.#names = names
    this.#codes = new Map(names.map((name, index) => [name, index * FLAG_RANGE]))
    this.#lengths = lengths
    if (generators !== undefined) this.#generators = new Set(generators)
  }

  /** Whether the call can be sent; if not, it is rejected. */
  checks(call: Call): boolean {
    const { name, transfer } = call.request
    if (!this.#codes.has(name)) call.reject(this.#unknown(name))
    else if (transfer.some(isDetached)) call.reject(detachedError(`call "${name}"`))
    else if (this.#generators?.has(name) && !givesItems(call)) call.reject(notAwaitable(name))
    else return true
    return false
  }

  /** What stands for the call in a message. */
  codeOf(call: Call): number {
    let code = this.#codes.get(call.request.name) ?? 0
    if (call.canBeEnded) code += FLAG_INTERRUPTIBLE
    if (call.isTimed) code += FLAG_TELL_BEGIN
    if (givesItems(call)) code += FLAG_STREAM
    return code
  }

  /** The thread has measured: index of a function, mean milliseconds, and so on in pairs. */
  learn(lengths: readonly number[]): void {
    for (let index = 0; index < lengths.length; index += 2) {
      const name = this.#names[lengths[index] ?? 0] ?? ''
      this.#lengths.learn(name, lengths[index + 1] ?? 0)
    }
  }

  #unknown(name: string): TypeError {
    if (isLifeFunction(name)) {
      const problem = `each thread runs it once by itself, at its beginning or end`
      return new TypeError(`Cannot call "${name}": ${problem}, expected another name`)
    }
    const known = this.#names.map((each) => `"${each}"`).join(', ')
    const problem = `${this.#href} has no such function, expected one of ${known || 'none at all'}`
    return new TypeError(`Cannot call "${name}": ${problem}`)
  }
}

function givesItems({ request: { listener } }: Call): boolean {
  return listener !== undefined && listener.credit > 0
}

function notAwaitable(name: string): TypeError {
  const problem = 'it is a generator function, whose items come from stream()'
  return new TypeError(`Cannot call "${name}": ${problem}, expected a function that returns once`)
}
