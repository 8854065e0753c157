/** The part that is used here of what `@cupola/interruptible-worker` says of the thread it runs. */
interface Host {
  readonly interruptedListeners: Set<() => unknown>
}

/**
 * Where that package leaves it: `in-thread/task-host.ts` there has the same name. A package below it
 * cannot import it, and a thread may have several copies of either.
 */
const HOST = Symbol.for('@cupola/interruptible-worker/host')

/**
 * Hears when the code of this thread has been terminated in the middle and the thread lives on, so that
 * what shares state with other threads can mend it: neither `catch` nor `finally` have run.
 *
 * @param listener - Called in the thread before it does anything else.
 * @returns Ends the listening when disposed. `undefined` where no interruptible worker runs, so that
 *   nobody terminates code without ending its thread.
 *
 * @example In a thread that cannot be interrupted
 * ```ts
 * import { onThreadInterrupted } from '@cupola/core/authoring'
 *
 * onThreadInterrupted(() => console.log('mend')) // => undefined
 * ```
 */
export function onThreadInterrupted(listener: () => unknown): Disposable | undefined {
  const host: unknown = Reflect.get(globalThis, HOST)
  if (host === undefined) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only that package knows the symbol
  const { interruptedListeners } = host as Host
  // A function of its own, so that one listener can be added twice and taken away once.
  const seat = (): unknown => listener()
  interruptedListeners.add(seat)
  return { [Symbol.dispose]: () => void interruptedListeners.delete(seat) }
}
