/** A function of a worker module, as whoever calls it sees it: any arguments, any result. */
export type WorkerFunction = (...args: unknown[]) => unknown

/** The functions of a worker module: named exports; those of CommonJS may be known by `default` only. */
export function functionsOf(
  module: Readonly<Record<string, unknown>>,
): Map<string, WorkerFunction> {
  const exports = Object.entries({ ...asRecord(module['default']), ...module })
  return new Map(exports.filter((entry): entry is [string, WorkerFunction] => isFunction(entry[1])))
}

function asRecord(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function isFunction(value: unknown): value is WorkerFunction {
  return typeof value === 'function'
}
