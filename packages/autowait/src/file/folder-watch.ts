import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Sign } from '../condition.ts'
import { isSystemError } from '../system-errors.ts'
import { isWithin } from './paths.ts'
import { silentFileSystem } from './silent-file-systems.ts'
import { Strain } from './strain.ts'
import { reaches, type WatchScope } from './watch-scope.ts'

/** Whom a {@link FolderWatch} tells what. */
export interface WatchListener {
  /** Something may have changed, or the watcher has just been armed. */
  changed(sign: Sign): void
  /** There will be no events; somebody has to look every now and then. Said once. */
  polling(reason: string): void
}

/** How long the watching rests where too much happens. */
const REST_MS = 5000

/** How often it says meanwhile that something may have changed, as it surely has. */
const RESTING_SIGN_MS = 40

/**
 * Tells when something may have changed in the folders of a scope, those included that are yet to be
 * made. Watches folders only, by way of chokidar: a watch on a file ends when it is replaced.
 *
 *   watching ──so much happens that being told costs too much──▶ resting ──after 5 s──▶ watching
 *       └──────────no watch can be had──────────▶ polling, for good
 *
 * It begins at the nearest folder that exists, and again elsewhere when that one is deleted or moved
 * away. Some changes are missed all the same: those that come before a new folder is watched, and all
 * that the kernel drops when too many come at once. So whoever listens looks by himself as well.
 */
export class FolderWatch {
  readonly #scope: WatchScope
  readonly #listener: WatchListener
  #watcher: FSWatcher | undefined
  #stopping: Promise<unknown> = Promise.resolve()
  #root: Root | undefined
  #strain = new Strain(0)
  #checkingRoot = false
  #resting: NodeJS.Timeout | undefined
  /** Nothing is told any more: it was closed, or has said that it cannot watch. */
  #silent = false

  constructor(scope: WatchScope, listener: WatchListener) {
    this.#scope = scope
    this.#listener = listener
    this.#watch()
  }

  /** Ends the watching. When it resolves, no watcher and no timer is left. */
  async close(): Promise<void> {
    this.#silent = true
    clearInterval(this.#resting)
    await this.#stop()
  }

  #watch(): void {
    this.#begin().catch((error: unknown) => this.#fallBack(`watching failed, ${String(error)}`))
  }

  async #begin(): Promise<void> {
    const root = await nearestFolder(this.#scope.base)
    const kind = await silentFileSystem(root.path)
    if (this.#silent) return
    if (kind !== undefined) return this.#fallBack(`${kind} does not tell of changes`)
    this.#root = root
    const begin = performance.now()
    const watcher = watch(root.path, {
      atomic: false,
      ignoreInitial: true,
      ignored: (path, stats) => {
        const isLink = stats?.isSymbolicLink() ?? false
        const isFolder = stats?.isDirectory() ?? true
        return !(isFolder || isLink) || !reaches(this.#scope, path, isLink)
      },
    })
    this.#watcher = watcher
    watcher
      .on('ready', () => {
        const folders = Object.keys(watcher.getWatched()).length
        this.#strain = new Strain((performance.now() - begin) / Math.max(1, folders))
        this.#changed()
      })
      .on('all', () => this.#changed())
      // What the kernel says, as it says it: chokidar reads a whole folder before it tells.
      .on('raw', () => this.#sign())
      .on('error', (error) => this.#failed(error))
  }

  #sign(): void {
    this.#changed()
    if (this.#strain.sign(performance.now())) this.#rest()
  }

  #changed(): void {
    if (this.#silent) return
    this.#listener.changed('change')
    if (!this.#checkingRoot) void this.#checkRoot()
  }

  /** Lets chokidar be for a while: it reads a whole folder whenever something happens in it. */
  #rest(): void {
    if (this.#silent || this.#resting !== undefined) return
    this.#root = undefined
    void this.#stop()
    let signsLeft = REST_MS / RESTING_SIGN_MS
    this.#resting = setInterval(() => {
      this.#listener.changed('tick')
      if (--signsLeft > 0) return
      clearInterval(this.#resting)
      this.#resting = undefined
      this.#watch()
    }, RESTING_SIGN_MS)
  }

  /** A watch stays with the folder, not with its name: begins anew if the name leads elsewhere. */
  async #checkRoot(): Promise<void> {
    const root = this.#root
    if (root === undefined) return
    this.#checkingRoot = true
    const now = await identityOf(root.path)
    this.#checkingRoot = false
    if (now === root.identity || this.#silent || this.#root !== root) return
    this.#root = undefined
    await this.#stop()
    if (!this.#silent) this.#watch()
  }

  /** What may not be read below the base has no matches that could be found. On the way to it, it may. */
  #failed(error: unknown): void {
    const isElsewhere =
      isSystemError(error) &&
      (error.code === 'EACCES' || error.code === 'EPERM') &&
      error.path !== undefined &&
      !isWithin(this.#scope.base, error.path)
    if (!isElsewhere) this.#fallBack(`watching failed, ${String(error)}`)
  }

  #fallBack(reason: string): void {
    if (this.#silent) return
    this.#silent = true
    this.#root = undefined
    void this.#stop()
    this.#listener.polling(reason)
  }

  /** Closes the watcher, and waits for those that are being closed already. */
  async #stop(): Promise<void> {
    this.#stopping = Promise.all([this.#stopping, this.#closeWatcher()])
    await this.#stopping
  }

  async #closeWatcher(): Promise<void> {
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

/**
 * chokidar leaves timers of up to a second to themselves when it is closed, and has no other way to
 * them than this field of its own. A version without it may have none, or they keep the process for
 * that second: the test that counts timers would tell.
 */
function cancelThrottles(watcher: FSWatcher): void {
  const actions: unknown = Reflect.get(watcher, '_throttled')
  if (!(actions instanceof Map)) return
  for (const throttles of actions.values()) {
    if (!(throttles instanceof Map)) continue
    for (const throttle of throttles.values()) {
      if (isThrottle(throttle)) clearTimeout(throttle.timeoutObject)
    }
  }
}

function isThrottle(value: unknown): value is { readonly timeoutObject: NodeJS.Timeout } {
  return typeof value === 'object' && value !== null && 'timeoutObject' in value
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
