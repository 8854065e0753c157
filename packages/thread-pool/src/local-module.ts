import type { Transferable } from 'node:worker_threads'
import { BrokenError } from '@cupola/core'
import {
  functionsOf,
  isLifeFunction,
  movedBuffers,
  unmoved,
  type WorkerFunction,
} from '@cupola/interruptible-worker/authoring'

/** The worker module on the thread of the program, loaded when it is first needed there. */
export class LocalModule {
  readonly #url: URL
  readonly #initData: unknown
  #functions: Promise<ReadonlyMap<string, WorkerFunction>> | undefined

  /** @param initData - What the module's `init` is given. */
  constructor(url: URL, initData: unknown) {
    this.#url = url
    this.#initData = initData
  }

  /**
   * Calls a function of it as a thread would: on clones of the arguments, for a clone of the result.
   * The arguments are cloned at once.
   */
  async call(
    name: string,
    args: readonly unknown[],
    transfer: readonly Transferable[],
  ): Promise<unknown> {
    const own = structuredClone(args, { transfer: [...transfer] })
    const functions = await this.#load(name)
    const fn = isLifeFunction(name) ? undefined : functions.get(name)
    if (fn === undefined) throw this.#unknown(name, callable(functions))
    const value = await fn(...own)
    return structuredClone(unmoved(value), { transfer: movedBuffers([value]) })
  }

  async #load(name: string): Promise<ReadonlyMap<string, WorkerFunction>> {
    const { href } = this.#url
    this.#functions ??= this.#begin()
    try {
      return await this.#functions
    } catch (cause) {
      throw new BrokenError(`call "${name}"`, `the worker module ${href} does not load`, { cause })
    }
  }

  async #begin(): Promise<ReadonlyMap<string, WorkerFunction>> {
    const functions = functionsOf(await import(this.#url.href))
    await functions.get('init')?.(structuredClone(this.#initData))
    return functions
  }

  #unknown(name: string, known: readonly string[]): TypeError {
    const names = known.map((each) => `"${each}"`).join(', ') || 'none at all'
    const problem = `${this.#url.href} has no such function, expected one of ${names}`
    return new TypeError(`Cannot call "${name}": ${problem}`)
  }
}

function callable(functions: ReadonlyMap<string, WorkerFunction>): string[] {
  return [...functions.keys()].filter((name) => !isLifeFunction(name))
}
