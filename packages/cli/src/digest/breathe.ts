/** How many records of a long loop may pass before the event loop gets its turn: a millisecond's. */
export const BREATH_RECORDS = 4096

/**
 * Lets the event loop turn in the middle of a long loop, so that signals and timers are heard.
 *
 * @throws `signal.reason`, if it has aborted.
 */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}
