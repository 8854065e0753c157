// A cache that many read while one reloads: readers never see half of a new version, and whoever
// finds an entry missing loads it once, however many ask for it at the same time.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { RwLock } from '@cupola/rw-lock'

class PageCache {
  readonly #lock = new RwLock()
  readonly #pages = new Map<string, string>()
  loads = 0

  async get(path: string): Promise<string> {
    const found = await this.#lock.runRead(() => this.#pages.get(path))
    return found ?? (await this.#load(path))
  }

  async clear(): Promise<void> {
    await this.#lock.runWrite(() => this.#pages.clear())
  }

  /** Looks once more, for somebody else may have loaded it; readers go on while it does. */
  async #load(path: string): Promise<string> {
    const reading = await this.#lock.upgradable()
    try {
      const found = this.#pages.get(path)
      if (found !== undefined) return found
      const page = await this.#fetch(path)
      const writing = await reading.upgrade()
      try {
        this.#pages.set(path, page)
      } finally {
        writing.release()
      }
      return page
    } finally {
      // Does nothing where the upgrade went well: then it was the writer's to release.
      reading.release()
    }
  }

  async #fetch(path: string): Promise<string> {
    this.loads++
    await sleep(5)
    return `<h1>${path}</h1>`
  }
}

const cache = new PageCache()
const pages = await Promise.all(Array.from({ length: 50 }, () => cache.get('/news')))
assert.deepEqual(new Set(pages), new Set(['<h1>/news</h1>']))
assert.equal(cache.loads, 1)
await cache.clear()
await cache.get('/news')
console.log(`51 visitors, ${cache.loads} loads.`)
