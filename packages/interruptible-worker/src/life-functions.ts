/**
 * Exports of a worker module that are not for calling: each thread runs `init` once before it takes
 * calls, and `dispose` once when it is asked to end.
 */
export type LifeFunction = 'init' | 'dispose'

/** Whether an export of that name is not for calling. */
export function isLifeFunction(name: string): name is LifeFunction {
  return name === 'init' || name === 'dispose'
}
