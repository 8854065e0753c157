import { requireFunction } from '@cupola/core/authoring'

/** Acquires, calls `fn`, and releases however that ends. */
export async function runHolding<T>(
  fn: () => T | PromiseLike<T>,
  acquire: () => Promise<Disposable>,
): Promise<T> {
  requireFunction('fn', fn)
  const guard = await acquire()
  try {
    return await fn()
  } finally {
    guard[Symbol.dispose]()
  }
}
