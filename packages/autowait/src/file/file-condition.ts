import { AsyncResource } from 'node:async_hooks'
import { requireFunction } from '@cupola/core/authoring'
import type { Condition, Look, LookContext, Sign } from '../condition.ts'
import { requireInterval } from '../pace.ts'
import { watchFolders, type SharedWatch } from './shared-watches.ts'
import type { WatchScope } from './watch-scope.ts'

/** How a wait for files notices changes. */
export interface WatchOptions {
  /**
   * The longest pause between two looks that no event has called for, in milliseconds from 1 up.
   *
   * @defaultValue 2000 where events tell of changes, 250 where they do not
   */
  readonly intervalMs?: number | undefined
  /**
   * `'auto'` watches, and polls where that is of no use: on network mounts, or when the system has no
   * watches left. `'poll'` does not watch in any case.
   *
   * @defaultValue 'auto'
   */
  readonly mode?: 'auto' | 'poll' | undefined
  /**
   * Called when an `'auto'` wait has to poll, with the reason: worth a line in a log. What it throws
   * is an uncaught exception.
   */
  readonly onPolling?: ((reason: string) => void) | undefined
}

/** Events get lost: this is how long it takes to notice one that was. */
const WATCHED_INTERVAL_MS = 2000
const POLLED_INTERVAL_MS = 250

/** What one kind of wait for files has to say. */
export type FileLook<Result> = Pick<Condition<Result>, 'action' | 'look'> &
  Partial<Pick<Condition<Result>, 'close'>>

/** A condition of files: brings the watcher and the pace. */
export class FileCondition<Result> implements Condition<Result> {
  readonly firstIntervalMs = 10
  readonly #look: FileLook<Result>
  readonly #scope: WatchScope
  readonly #options: WatchOptions
  #watch: SharedWatch | undefined
  readonly #onPolling: ((reason: string) => void) | undefined
  /** Why there are no events, if there are none. */
  #polling: string | undefined

  constructor(look: FileLook<Result>, scope: WatchScope, options: WatchOptions) {
    const { intervalMs, mode = 'auto', onPolling } = options
    if (onPolling !== undefined) requireFunction('onPolling', onPolling)
    if (intervalMs !== undefined) requireInterval('intervalMs', intervalMs)
    if (mode !== 'auto' && mode !== 'poll') {
      throw new TypeError(`Cannot use mode: got "${String(mode)}", expected "auto" or "poll"`)
    }
    this.#look = look
    this.#scope = scope
    this.#options = options
    // The watch may be that of another wait, which began it in a context of its own.
    this.#onPolling =
      onPolling &&
      AsyncResource.bind((reason: string) => {
        queueMicrotask(() => onPolling(reason))
      })
    this.#polling = mode === 'poll' ? 'as it was told to' : undefined
  }

  get action(): string {
    return this.#look.action
  }

  get intervalMs(): number {
    const usual = this.#polling === undefined ? WATCHED_INTERVAL_MS : POLLED_INTERVAL_MS
    return this.#options.intervalMs ?? usual
  }

  async look(context: LookContext): Promise<Look<Result>> {
    const look = await this.#look.look(context)
    if (look.met || this.#polling === undefined) return look
    return { ...look, seen: `${look.seen}; it polled, ${this.#polling}` }
  }

  watch(changed: (sign: Sign) => void): void {
    if (this.#polling !== undefined) return
    this.#watch = watchFolders(this.#scope, {
      changed,
      polling: (reason) => this.#poll(reason),
    })
  }

  async close(): Promise<void> {
    await this.#watch?.close()
    await this.#look.close?.()
  }

  #poll(reason: string): void {
    this.#polling = `as ${reason}`
    this.#onPolling?.(reason)
  }
}
