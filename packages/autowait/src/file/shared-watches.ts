import { FolderWatch, type WatchListener } from './folder-watch.ts'
import type { WatchScope } from './watch-scope.ts'

/** One listener's part in a watch that others may share. */
export interface SharedWatch {
  /** Leaves. Resolves when the watch is closed, if nobody else listens. */
  close(): Promise<void>
}

/**
 * Begins to watch the folders of a scope, or joins those who do. A hundred waits for files in one
 * folder would otherwise read it a hundred times at each event.
 */
export function watchFolders(scope: WatchScope, listener: WatchListener): SharedWatch {
  const key = `${scope.depth} ${scope.base}`
  const watch = watches.get(key) ?? new Audience(scope, () => watches.delete(key))
  watches.set(key, watch)
  watch.join(listener)
  return { close: async () => await watch.leave(listener) }
}

/** Filled only while somebody waits: it holds nothing that those who wait would not hold themselves. */
const watches = new Map<string, Audience>()

/** Those who listen to one watch. */
class Audience {
  readonly #listeners = new Set<WatchListener>()
  readonly #watch: FolderWatch
  readonly #empty: () => void
  /** What whoever comes late has to be told: that it is armed, or why it will never be. */
  #isArmed = false
  #polling: string | undefined

  constructor(scope: WatchScope, empty: () => void) {
    this.#empty = empty
    this.#watch = new FolderWatch(scope, {
      changed: (sign) => {
        this.#isArmed = true
        for (const listener of [...this.#listeners]) listener.changed(sign)
      },
      polling: (reason) => {
        this.#polling = reason
        for (const listener of [...this.#listeners]) listener.polling(reason)
      },
    })
  }

  join(listener: WatchListener): void {
    this.#listeners.add(listener)
    if (this.#polling !== undefined) listener.polling(this.#polling)
    else if (this.#isArmed) listener.changed('change')
  }

  async leave(listener: WatchListener): Promise<void> {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#empty()
    await this.#watch.close()
  }
}
