/** Resolves in the turn of the event loop in which it is so. The test's time limit is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await eventLoopTurn()
}

/** Lets everything happen that needs no more than promises, and what the event loop has ready. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
