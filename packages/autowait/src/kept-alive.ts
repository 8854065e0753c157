/** The longest delay of a timer of Node.js. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Keeps the process alive until it is disposed of. A promise does not: a wait whose look never
 * answers, and that has no deadline, would end with the process, and the exit code be 0.
 */
export function keptAlive(): Disposable {
  const timer = setInterval(() => {}, LONGEST_MS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
