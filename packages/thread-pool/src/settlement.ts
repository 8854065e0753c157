/** How a call ended: what its promise says, as a value. */
export type Settlement<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown }

/**
 * Tells a callback how a promise settles. Called in the async context in which this is, which is
 * that of whoever made the call: reactions keep it.
 */
export function tellSettled<Result>(
  promise: Promise<Result>,
  onSettled: (settlement: Settlement<Result>) => void,
): void {
  promise.then(
    (value) => tell(onSettled, { ok: true, value }),
    (error: unknown) => tell(onSettled, { ok: false, error }),
  )
}

/** Rejects because a call is refused, and tells the callback, if it is one: the options may be wrong. */
export function refuse(reason: unknown, options: unknown): Promise<never> {
  const refused = Promise.reject(reason)
  const hasCallback = typeof options === 'object' && options !== null && 'onSettled' in options
  const onSettled = hasCallback ? options.onSettled : undefined
  if (typeof onSettled !== 'function') return refused
  tellSettled(refused, (settlement) => void Reflect.apply(onSettled, undefined, [settlement]))
  return refused
}

/** Calls a listener; what it throws becomes an uncaught exception. */
export function tell<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
