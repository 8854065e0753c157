import { requireFunction, requireObject } from '@cupola/core/authoring'
import type { TaskRun } from './task.ts'

/** The part of a `ThreadPool` that {@link onPool} needs; any pool that has it will do. */
export interface CallablePool {
  /** Calls a function by its name, and gives the call up when the signal aborts. */
  run(
    name: string,
    args: readonly unknown[],
    options: { readonly signal: AbortSignal },
  ): Promise<unknown>
}

/**
 * A function for an executor that has a thread do the work. When the task is cancelled or takes too
 * long, the pool ends the call, also if it is in the middle of a loop: its slot is free then.
 *
 * To have names and types checked, write the call yourself: `({ signal }) => pool.run('hash', [file],
 * { signal })`.
 *
 * @typeParam Result - What the function of that name returns.
 * @param pool - A `ThreadPool`, or what looks like one.
 * @param name - The function.
 * @param args - Its arguments.
 * @throws TypeError If an argument has the wrong type.
 *
 * @example A pool of any kind
 * ```ts
 * import { Executor, onPool } from '@cupola/executor'
 *
 * const pool = { run: async (name: string, args: readonly unknown[]) => `${name}(${args})` }
 * const executor = new Executor()
 * const task = executor.queueExec(onPool<string>(pool, 'square', [7]))
 * await task.result // => 'square(7)'
 * ```
 */
export function onPool<Result = unknown>(
  pool: CallablePool,
  name: string,
  args: readonly unknown[] = [],
): (run: TaskRun) => Promise<Result> {
  requireObject('pool', pool)
  // oxlint-disable-next-line typescript/unbound-method -- looked at, not called
  requireFunction('pool.run', pool.run)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says what the function of that name returns
  return async ({ signal }) => (await pool.run(name, args, { signal })) as Result
}
