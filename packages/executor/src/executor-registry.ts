import { requireString } from '@cupola/core/authoring'
import type { ExecutorOptions } from './executor-options.ts'
import { Executor } from './executor.ts'

/**
 * Executors by their names, for parts of a program that share one without handing it around.
 *
 * A program makes one registry, and exports it from a module of its own: there is none that everybody
 * shares without knowing, and two copies of this package cannot disagree about it.
 *
 * @example One executor for all mail
 * ```ts
 * import { ExecutorRegistry } from '@cupola/executor'
 *
 * const executors = new ExecutorRegistry()
 * const mail = executors.named('mail', { queueConcurrency: 2 })
 * executors.named('mail') === mail // => true
 * executors.named('mail', { queueConcurrency: 2 }) === mail // => true
 * await executors.close()
 * ```
 */
export class ExecutorRegistry implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>()
  /** Those that were replaced and may not have come to their end. */
  readonly #replaced = new Set<Executor>()

  /** The names in use. */
  get names(): readonly string[] {
    return [...this.#entries].filter(([, { executor }]) => !executor.closed).map(([name]) => name)
  }

  /**
   * The executor of a name. It is made when it is first asked for, and anew when it has been closed.
   *
   * @param name - Any text.
   * @param options - How it is set up. Whoever leaves them out takes it as it is.
   * @throws TypeError If it was made with other options, or an argument has the wrong type.
   * @throws RangeError If a number in `options` is out of its range.
   */
  named(name: string, options?: ExecutorOptions): Executor {
    requireString('name', name)
    const entry = this.#entries.get(name)
    if (entry === undefined || entry.executor.closed) {
      const executor = new Executor(options)
      if (entry !== undefined) this.#replace(entry.executor)
      this.#entries.set(name, { executor, options: { ...options } })
      return executor
    }
    if (options !== undefined) requireSame(name, options, entry.options)
    return entry.executor
  }

  /** Closes all of them, and waits for those that were closed before; further names make new ones. */
  async close(): Promise<void> {
    const executors = [...this.#entries.values()].map(({ executor }) => executor)
    await Promise.all([...executors, ...this.#replaced].map((executor) => executor.close()))
  }

  /** {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #replace(executor: Executor): void {
    this.#replaced.add(executor)
    void executor.close().then(() => this.#replaced.delete(executor))
  }
}

interface Entry {
  readonly executor: Executor
  /** As it was made: what `resize()` changed is no conflict. */
  readonly options: ExecutorOptions
}

/** An option that is left out is one of its own: whoever gives others does not ask for its default. */
function requireSame(name: string, wanted: ExecutorOptions, had: ExecutorOptions): void {
  for (const key of OPTIONS) {
    if (isSame(wanted[key], had[key])) continue
    throw new TypeError(
      `Cannot use ${key} for executor "${name}": got ${shown(wanted[key])}, expected ${shown(had[key])}, as it was made with`,
    )
  }
}

const OPTIONS = [
  'delayConcurrency',
  'queueConcurrency',
  'queueCapacity',
  'whenFull',
  'ageingMs',
  'rate',
  'clock',
] as const

type Option = ExecutorOptions[(typeof OPTIONS)[number]]

function isSame(one: Option, other: Option): boolean {
  if (one === other) return true
  return isRate(one) && isRate(other) && shown(one) === shown(other)
}

/** The one option that is compared by what is in it. */
function isRate(option: Option): boolean {
  return typeof option === 'object' && 'tasks' in option
}

function shown(option: Option): string {
  if (option === undefined) return 'none'
  if (typeof option !== 'object') return String(option)
  if (!('tasks' in option)) return 'a clock'
  const { tasks, perMs, burst = tasks } = option
  return `${tasks} in ${perMs} ms, ${burst} at once`
}
