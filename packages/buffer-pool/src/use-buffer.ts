import type { PooledBuffer } from './pooled-buffer.ts'

/** Calls a function with a buffer, which goes back when that is done or has failed, if it has not yet. */
export async function useBuffer<Result>(
  buffer: PooledBuffer,
  fn: (buffer: PooledBuffer) => Result | PromiseLike<Result>,
): Promise<Result> {
  try {
    return await fn(buffer)
  } finally {
    buffer[Symbol.dispose]()
  }
}
