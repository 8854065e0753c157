import type { RunningTask } from './running-task.ts'

/** What the code in a thread finds its call by. */
export interface TaskHost {
  /** The call that the thread is inside. */
  readonly running: RunningTask | undefined
  /** Called after the execution of a call was terminated, before the next call begins. */
  readonly interruptedListeners: Set<(name: string) => unknown>
}

/**
 * The thread's entry and the worker module may each have a copy of this package, so the place where
 * they meet is not a module but the thread's global object. `onThreadInterrupted()` of `@cupola/core`
 * knows the name as well, for packages below this one.
 */
const HOST = Symbol.for('@cupola/interruptible-worker/host')

/** Makes the host known to all code of this thread. */
export function publishHost(host: TaskHost): void {
  Object.defineProperty(globalThis, HOST, { value: host, configurable: true })
}

/** The host of this thread, `undefined` where no worker of this package runs. */
export function findHost(): TaskHost | undefined {
  const host: unknown = Reflect.get(globalThis, HOST)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else knows the symbol
  return host as TaskHost | undefined
}
