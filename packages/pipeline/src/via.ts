import type { ArgumentsOf, FunctionName, ResultOf, ThreadPool } from '@cupola/thread-pool'
import type { StageContext } from './stage-context.ts'

/** The names of a worker module's functions that can be called with an `Item` and nothing else. */
export type FunctionFor<Module extends object, Item> = {
  [Name in FunctionName<Module>]: readonly [Item] extends Readonly<ArgumentsOf<Module, Name>>
    ? Name
    : never
}[FunctionName<Module>]

/** A pool's function as one that a stage can call: one item, one call, ended with the run. */
export function viaPool<Module extends object, Item, Name extends FunctionFor<Module, Item>>(
  pool: ThreadPool<Module>,
  name: Name,
): (item: Item, context: StageContext) => Promise<ResultOf<Module, Name>> {
  return (item, { signal }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the constraint of Name says just this, but the compiler cannot follow while Module is open
    const args = [item] as unknown as Readonly<ArgumentsOf<Module, Name>>
    return pool.run(name, args, { signal })
  }
}

/** One call on each thread, and one for each that waits to follow without a pause. */
export function defaultConcurrency(pool: Pick<ThreadPool, 'size'>): number {
  return 2 * pool.size.maxThreads
}
