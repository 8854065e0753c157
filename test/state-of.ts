/** Where a promise is. */
export type PromiseState = 'pending' | 'fulfilled' | 'rejected'

/**
 * Reads a promise's state once every queued microtask has run: the way to say "this still waits"
 * without waiting. A rejection that is read so counts as handled.
 */
export async function stateOf(promise: Promise<unknown>): Promise<PromiseState> {
  const pending = new Promise<PromiseState>((resolve) => setImmediate(resolve, 'pending'))
  const settled = promise.then<PromiseState, PromiseState>(
    () => 'fulfilled',
    () => 'rejected',
  )
  return await Promise.race([settled, pending])
}
