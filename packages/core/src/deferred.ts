/** A promise with its two handles outside: `Promise.withResolvers` for Node 20. */
export class Deferred<T> {
  /** The promise that {@link resolve} and {@link reject} settle; the first call wins. */
  readonly promise: Promise<T>
  /** Fulfills the promise, or follows the one given. */
  readonly resolve: (value: T | PromiseLike<T>) => void
  /** Rejects the promise. */
  readonly reject: (reason: unknown) => void

  constructor() {
    // Set when `new Promise` returns, which calls its function at once; the compiler cannot know.
    let resolve!: (value: T | PromiseLike<T>) => void
    let reject!: (reason: unknown) => void
    this.promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve
      reject = onReject
    })
    this.resolve = resolve
    this.reject = reject
  }
}
