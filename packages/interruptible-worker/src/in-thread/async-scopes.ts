import { AsyncResource } from 'node:async_hooks'

/** Who is told when the thread enters and leaves an async scope. */
export interface ScopeWatcher {
  /** @returns What `leaveScope` has to be given. */
  enterScope(): number
  leaveScope(epoch: number): void
}

/**
 * Lets `watcher` know of every `AsyncResource.runInAsyncScope` in this thread from now on.
 *
 * It pushes an id on a stack of Node's from JavaScript, and if the code below it were terminated
 * nobody would pop it again: Node would find that stack corrupted and abort the process. What builds
 * on it (`AsyncResource.bind`, `AsyncLocalStorage.snapshot`, `EventEmitterAsyncResource`) looks it up
 * on the prototype, so this has to come before the worker module.
 */
export function watchAsyncScopes(watcher: ScopeWatcher): void {
  // oxlint-disable-next-line typescript/unbound-method -- it gets its `this` below
  const { runInAsyncScope } = AsyncResource.prototype
  function watched(this: AsyncResource, ...args: Parameters<typeof runInAsyncScope>): unknown {
    const epoch = watcher.enterScope()
    try {
      return Reflect.apply(runInAsyncScope, this, args)
    } finally {
      watcher.leaveScope(epoch)
    }
  }
  Object.defineProperty(AsyncResource.prototype, 'runInAsyncScope', {
    value: watched,
    writable: true,
    configurable: true,
  })
}
