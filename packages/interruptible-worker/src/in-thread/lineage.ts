/**
 * Where a thread finds which worker modules it and those that started it run. Not a module but the
 * global object, because a thread may have several copies of this package.
 */
const LINEAGE = Symbol.for('@cupola/interruptible-worker/lineage')

/** Makes the lineage known to all code of this thread. */
export function publishLineage(moduleUrls: readonly string[]): void {
  Object.defineProperty(globalThis, LINEAGE, { value: moduleUrls, configurable: true })
}

/**
 * The worker modules of this thread and of those that started it, the outermost first. Empty on a
 * thread that nobody started for calls, such as the program's.
 */
export function findLineage(): readonly string[] {
  const lineage: unknown = Reflect.get(globalThis, LINEAGE)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else knows the symbol
  return (lineage ?? []) as readonly string[]
}
