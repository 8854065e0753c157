import { AsyncResource, createHook } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import vm from 'node:vm'

/** Who is told when the thread enters and leaves an async scope. */
export interface ScopeWatcher {
  /** @returns What `leaveScope` has to be given. */
  enterScope(): number
  leaveScope(epoch: number): void
}

type Method = (this: unknown, ...args: never[]) => unknown

/**
 * Lets `watcher` know of every async scope that code of this thread enters from now on and that ends
 * before the code goes on.
 *
 * Node pushes an id on a stack of its own from JavaScript there, and if the code below it were
 * terminated nobody would pop it again: Node would find that stack corrupted and abort the process.
 * What builds on these methods looks them up when it needs them (`AsyncResource.bind`,
 * `AsyncLocalStorage.snapshot`, `EventEmitterAsyncResource`, `vm.runInContext`), so this has to come
 * before the worker module.
 */
export function watchAsyncScopes(watcher: ScopeWatcher): void {
  watch(AsyncResource.prototype, 'runInAsyncScope', watcher, () => true)
  // What waits for promises without returning to the event loop calls it: each tick is a scope.
  watch(process, '_tickCallback', watcher, () => true)
  // Not scopes, but they change in several steps whether and how Node keeps that stack.
  const hook: object = Reflect.getPrototypeOf(createHook({})) ?? {}
  watch(hook, 'enable', watcher, () => true)
  watch(hook, 'disable', watcher, () => true)
  watchContexts(watcher)
}

/**
 * A context with microtasks of its own runs them before its code returns. Each is a scope while async
 * hooks are on, which before Node 24 they are wherever there is an `AsyncLocalStorage`.
 */
function watchContexts(watcher: ScopeWatcher): void {
  const contexts = new WeakSet<object>()
  const { createContext } = vm
  const remembering = (...args: Parameters<typeof createContext>) => {
    const context = createContext(...args)
    if (hasOwnMicrotasks(args[1])) contexts.add(context)
    return context
  }
  define(vm, 'createContext', remembering)
  syncBuiltinESMExports()
  const { prototype } = vm.Script
  watch(
    prototype,
    'runInContext',
    watcher,
    ([context]) => isObject(context) && contexts.has(context),
  )
  watch(prototype, 'runInNewContext', watcher, ([, options]) => hasOwnMicrotasks(options))
}

/** Replaces a method by one that enters a scope around it, if its arguments say that it does. */
function watch(
  owner: object,
  name: string,
  watcher: ScopeWatcher,
  isScope: (args: readonly unknown[]) => boolean,
): void {
  const method: unknown = Reflect.get(owner, name)
  if (typeof method !== 'function') return
  function watched(this: unknown, ...args: unknown[]): unknown {
    if (!isScope(args)) return Reflect.apply(run, this, args)
    const epoch = watcher.enterScope()
    try {
      return Reflect.apply(run, this, args)
    } finally {
      watcher.leaveScope(epoch)
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it gets what it would have got
  const run = method as Method
  define(owner, name, watched)
}

function hasOwnMicrotasks(options: unknown): boolean {
  return isObject(options) && Reflect.get(options, 'microtaskMode') !== undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true })
}
