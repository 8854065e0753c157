import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { WatchScope } from './file-search.ts'
import { silentFileSystem } from './silent-file-systems.ts'

/** Whom a {@link FolderWatch} tells what. */
export interface WatchListener {
  /** Something may have changed, or the watcher has just been armed. */
  changed(): void
  /** There will be no events; somebody has to look every now and then. */
  polling(reason: string): void
}

/**
 * Tells when something may have changed in the folders of a scope, those included that are yet to be
 * made. Watches folders only, by way of chokidar: a watch on a file ends when it is replaced.
 *
 * It begins at the nearest folder that exists, and again elsewhere when that one is deleted or moved
 * away. Some changes are missed all the same: those that come before a new folder is watched, and all
 * that the kernel drops when too many come at once. So whoever listens looks by himself as well.
 */
export class FolderWatch {
  readonly #scope: WatchScope
  readonly #listener: WatchListener
  #watcher: FSWatcher | undefined
  #root: Root | undefined
  #checkingRoot = false
  #closed = false

  constructor(scope: WatchScope, listener: WatchListener) {
    this.#scope = scope
    this.#listener = listener
    this.#begin().catch((error: unknown) => this.#fallBack(error))
  }

  /** Ends the watching. When it resolves, no watcher and no timer is left. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#stop()
  }

  async #begin(): Promise<void> {
    const root = await nearestFolder(this.#scope.base)
    const kind = await silentFileSystem(root.path)
    if (this.#closed) return
    if (kind !== undefined) {
      this.#listener.polling(`${kind} does not tell of changes`)
      return
    }
    this.#root = root
    this.#watcher = watch(root.path, {
      atomic: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (path, stats) => {
        const isLink = stats?.isSymbolicLink() ?? false
        const isFolder = stats?.isDirectory() ?? true
        return !(isFolder || isLink) || !this.#scope.reaches(path, isLink)
      },
    })
      .on('ready', () => this.#changed())
      .on('all', () => this.#changed())
      // What the kernel says, as it says it: chokidar reads a whole folder before it tells.
      .on('raw', () => this.#changed())
      .on('error', (error) => this.#fallBack(error))
  }

  #changed(): void {
    this.#listener.changed()
    if (!this.#checkingRoot) void this.#checkRoot()
  }

  /** A watch stays with the folder, not with its name: begins anew if the name leads elsewhere. */
  async #checkRoot(): Promise<void> {
    const root = this.#root
    if (root === undefined) return
    this.#checkingRoot = true
    const now = await identityOf(root.path)
    this.#checkingRoot = false
    if (now === root.identity || this.#closed || this.#root !== root) return
    this.#root = undefined
    await this.#stop()
    await this.#begin().catch((error: unknown) => this.#fallBack(error))
  }

  #fallBack(error: unknown): void {
    if (this.#closed) return
    this.#root = undefined
    void this.#stop()
    this.#listener.polling(`watching failed, ${String(error)}`)
  }

  async #stop(): Promise<void> {
    const watcher = this.#watcher
    this.#watcher = undefined
    if (watcher === undefined) return
    // Between two of its microtasks chokidar may hold a watch that it has not written down yet.
    await eventLoopTurn()
    cancelThrottles(watcher)
    await watcher.close()
    // The handles of closed watches are gone a turn later.
    await eventLoopTurn()
  }
}

interface Root {
  readonly path: string
  readonly identity: string | undefined
}

async function nearestFolder(path: string): Promise<Root> {
  const identity = await identityOf(path)
  const parent = dirname(path)
  return identity === undefined && parent !== path
    ? await nearestFolder(parent)
    : { path, identity }
}

/** Which folder a name leads to; `undefined` if to none. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}` : undefined
  } catch {
    return undefined
  }
}

/** chokidar leaves timers of up to a second to themselves when it is closed. */
function cancelThrottles(watcher: FSWatcher): void {
  // oxlint-disable-next-line no-underscore-dangle -- there is no other way to them
  for (const actions of watcher._throttled.values()) {
    const throttles: Iterable<unknown> = actions.values()
    for (const throttle of throttles) if (isThrottle(throttle)) clearTimeout(throttle.timeoutObject)
  }
}

function isThrottle(value: unknown): value is { readonly timeoutObject: NodeJS.Timeout } {
  return typeof value === 'object' && value !== null && 'timeoutObject' in value
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
