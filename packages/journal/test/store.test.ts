import { describe, expect, it } from 'vitest'
import { Store, type StoreOptions } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
import { failure, MemoryFileSystem } from './memory-file-system.ts'
import { DIRECTORY } from './script.ts'

function openOn(
  fileSystem: MemoryFileSystem,
  options: StoreOptions<string, number> = {},
): Promise<Store<string, number>> {
  return Store.open<string, number>(DIRECTORY, { fileSystem, segmentBytes: 200, ...options })
}

describe('Store', () => {
  it('has after a crash of the machine what was set and not deleted', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    await store.set('one', 1)
    await store.set('two', 2)
    await store.set('one', 11)
    expect(await store.delete('two')).toBe(true)

    const again = await openOn(disk.crash(() => 'lost'))

    expect([...again.entries()]).toEqual([['one', 11]])
  })

  it('shows a change once it is kept', async () => {
    const store = await openOn(new MemoryFileSystem())

    const setting = store.set('one', 1)

    expect(store.get('one')).toBeUndefined()
    await setting
    expect(store.get('one')).toBe(1)
  })

  it('does not show a change that could not be kept', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    disk.gate = (call) => {
      if (call.startsWith('write')) throw failure('ENOSPC')
    }

    expect(await reasonOf(store.set('one', 1))).toMatchObject({ code: 'ERR_BROKEN' })

    expect(store.has('one')).toBe(false)
  })

  it('refuses undefined, which would be a deleted key when it is opened again', async () => {
    const store: Store<string, number | undefined> = await Store.open(DIRECTORY, {
      fileSystem: new MemoryFileSystem(),
    })

    expect(await reasonOf(store.set('one', undefined))).toBeInstanceOf(TypeError)
  })
})

describe('Store.compact()', () => {
  it('keeps every entry, those set meanwhile too', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    for (let n = 0; n < 50; n++) await store.set(`key ${n % 10}`, n)

    const compacting = store.compact()
    await store.set('meanwhile', 1)
    await compacting

    const again = await openOn(disk.crash(() => 'lost'))
    expect(new Map(again.entries())).toEqual(new Map(store.entries()))
  })

  it('drops records that two snapshots include', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    for (let n = 0; n < 50; n++) await store.set('key', n)
    const before = disk.files.size

    await store.compact()
    for (let n = 0; n < 3; n++) await store.set('key', n)
    await store.compact()

    expect(disk.files.size).toBeLessThan(before)
  })

  it('happens by itself after so many changes', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk, { compactAfter: 10 })

    for (let n = 0; n < 40; n++) await store.set('key', n)
    await store.close()

    expect([...disk.files.keys()].filter((path) => path.endsWith('.snapshot'))).toHaveLength(2)
    expect(store.compactionError).toBeUndefined()
  })
})
