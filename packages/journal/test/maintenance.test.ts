import { afterAll, describe, expect, it } from 'vitest'
import { Store } from '@cupola/journal'
import { Crash, failure, MemoryFileSystem, ShortWrite } from './memory-file-system.ts'
import { DIRECTORY } from './script.ts'

const KEYS = ['a', 'b', 'c']

/** What a crash or a failure finds, named by the call that it hits. */
const failpoints = new Set<string>()
let crashes = 0
let faults = 0

afterAll(() => {
  console.log(
    `maintenance suite: ${crashes.toLocaleString('en')} disks after a crash, ${faults.toLocaleString('en')} calls failed, at ${failpoints.size} failpoints: ${[...failpoints].sort().join(', ')}`,
  )
})

/** What was acknowledged of each key, and what was begun since. */
class Ledger {
  readonly #last = new Map<string, number>()
  readonly #begun = new Map<string, number[]>()

  async set(store: Store<string, number>, key: string, value: number): Promise<void> {
    this.#begun.set(key, [...(this.#begun.get(key) ?? []), value])
    await store.set(key, value)
    this.#last.set(key, value)
    this.#begun.set(key, [])
  }

  problemWith(found: ReadonlyMap<string, number>): string | undefined {
    for (const key of KEYS) {
      const allowed = [this.#last.get(key), ...(this.#begun.get(key) ?? [])]
      const value = found.get(key)
      if (!allowed.includes(value)) return `${key} is ${value}, expected ${allowed.join(' or ')}`
    }
    return undefined
  }
}

function openStore(fileSystem: MemoryFileSystem): Promise<Store<string, number>> {
  return Store.open<string, number>(DIRECTORY, {
    fileSystem,
    segmentBytes: 80,
    compactAfter: Infinity,
  })
}

/** Snapshots and purges, a second opening, and changes in between; goes on after what fails. */
async function script(disk: MemoryFileSystem, ledger: Ledger): Promise<void> {
  let value = 0
  for (let round = 0; round < 2; round++) {
    const store = await openStore(disk).catch(unlessCrash)
    if (store === undefined) continue
    for (let turn = 0; turn < 2; turn++) {
      for (const key of KEYS) await ledger.set(store, key, value++).catch(unlessCrash)
      await store.compact().catch(unlessCrash)
    }
    await store.close().catch(unlessCrash)
  }
}

function unlessCrash(error: unknown): undefined {
  if (error instanceof Crash || (error instanceof Error && error.cause instanceof Crash))
    throw error
}

/** What a call does to what: `rename snapshot`, `sync log.temp`. */
function nameOf(call: string): string {
  const [verb = '', path = ''] = call.split(' ')
  const [, kind = 'directory'] = /\d{20}\.(?<kind>.*)$/.exec(path) ?? []
  return `${verb} ${kind}`
}

async function expectWell(left: MemoryFileSystem, ledger: Ledger, when: string): Promise<void> {
  const store = await openStore(left)
  expect({ when, problem: ledger.problemWith(new Map(store.entries())) }).toEqual({ when })
  await store.set('after', 1)
  await store.compact()
  await store.close()
  const again = await openStore(left)
  expect({ when, after: again.get('after') }).toEqual({ when, after: 1 })
  await again.close()
}

describe('a store that is compacted', () => {
  it('loses no change that was acknowledged when the machine crashes before any call', async () => {
    for (let crashAt = 0; ; crashAt++) {
      const disk = new MemoryFileSystem()
      const ledger = new Ledger()
      let calls = 0
      let when = ''
      disk.gate = (call) => {
        if (calls++ < crashAt) return
        when ||= call
        throw new Crash(`crashed before ${call}`)
      }
      await script(disk, ledger).catch(() => {})
      if (when === '') break
      failpoints.add(nameOf(when))
      for (const left of disk.crashes()) {
        crashes++
        await expectWell(left, ledger, when)
      }
    }
    expect(crashes).toBeGreaterThan(400)
  })

  const errors = {
    EIO: () => failure('EIO'),
    ENOSPC: () => failure('ENOSPC'),
    'a short write': () => new ShortWrite(),
    'a short write, then ENOSPC': () => new ShortWrite('half', { cause: failure('ENOSPC') }),
  }
  for (const [what, errorOf] of Object.entries(errors)) {
    it(`loses no change that was acknowledged when any call fails: ${what}`, async () => {
      for (let failAt = 0; ; failAt++) {
        const disk = new MemoryFileSystem()
        const ledger = new Ledger()
        let calls = 0
        let when = ''
        disk.gate = (call) => {
          if (calls++ !== failAt) return
          const error = errorOf()
          if (error instanceof ShortWrite && !call.startsWith('write')) return
          when = call
          throw error
        }
        await script(disk, ledger)
        if (calls <= failAt) break
        if (when === '') continue
        faults++
        failpoints.add(nameOf(when))
        disk.gate = () => {}
        for (const left of disk.crashes()) await expectWell(left, ledger, when)
      }
      expect(faults).toBeGreaterThan(0)
    })
  }
})
