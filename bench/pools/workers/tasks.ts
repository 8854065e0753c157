// What the threads of every contestant can do: the same functions, each of one argument.

export interface Pair {
  readonly x: number
  readonly y: number
}

/** A call that costs nothing. */
export function add({ x, y }: Pair): number {
  return x + y
}

export function fail(message: string): never {
  throw new RangeError(message)
}

/**
 * Keeps a processor busy for so many blocks of about a microsecond: an amount of work, not of time,
 * so that a thread which shares its core takes longer.
 */
export function spin(blocks: number): number {
  let state = 1
  for (let block = 0; block < blocks; block++) state = spinBlock(state)
  return state
}

/**
 * Apart and always of one length, so that V8 compiles it once and for all. One loop over all turns
 * is thrown out of its compiled form at some length it has not seen before, and stays slow.
 */
function spinBlock(seed: number): number {
  let state = seed
  for (let turn = 0; turn < 1000; turn++) state = Math.imul(state, 1_664_525) ^ turn
  return state
}

/** {@link spin} under a name of its own: a pool can learn that its calls are long. */
export function spinLong(blocks: number): number {
  return spin(blocks)
}

/** {@link spin} under a name of its own: a pool can learn that its calls are short. */
export function spinShort(blocks: number): number {
  return spin(blocks)
}

/** How many milliseconds all these take in one thread, one after the other. */
export function timeSpins(lengths: readonly number[]): number {
  const start = performance.now()
  for (const blocks of lengths) spin(blocks)
  return performance.now() - start
}

let touched: ArrayBuffer | undefined

/** Changes the buffer so that whoever gets it back can see it was here, and remembers it. */
export function touch(buffer: ArrayBuffer): ArrayBuffer {
  const bytes = new Uint8Array(buffer)
  bytes[0] = (bytes[0] ?? 0) + 1
  touched = buffer
  return buffer
}

/** How much this thread still has of the buffer it touched last: nothing, if that moved away. */
export function keptBytes(): number {
  return touched?.byteLength ?? 0
}
