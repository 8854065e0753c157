import { describe, expect, it } from 'vitest'
import { Store, type StoreOptions } from '@cupola/journal'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
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

describe('Store without a codec', () => {
  it.each([
    [undefined, 1],
    [Number.NaN, 1],
    [Infinity, 1],
    [5n, 1],
    [Symbol('key'), 1],
    [{ a: 1 }, 1],
    [new Date(0), 1],
    ['key', () => {}],
    ['key', Symbol('value')],
    ['key', Number.NaN],
    ['key', 5n],
    ['key', { toJSON: () => {} }],
  ])('refuses what JSON would change: %o, %o', async (key, value) => {
    const disk = new MemoryFileSystem()
    const store = await Store.open<unknown, unknown>(DIRECTORY, { fileSystem: disk })

    expect(await reasonOf(store.set(key, value))).toBeInstanceOf(TypeError)

    expect(store.size).toBe(0)
    await store.close()
    const again = await Store.open<unknown, unknown>(DIRECTORY, { fileSystem: disk })
    expect([...again.entries()]).toEqual([])
  })

  it.each(['', 'ключ', 0, -1.5, true, false, null])('takes the key %o', async (key) => {
    const disk = new MemoryFileSystem()
    const store = await Store.open<unknown, unknown>(DIRECTORY, { fileSystem: disk })
    await store.set(key, null)
    await store.close()

    const again = await Store.open<unknown, unknown>(DIRECTORY, { fileSystem: disk })

    expect([...again.entries()]).toEqual([[key, null]])
  })
})

describe('Store with a codec that throws', () => {
  it('is not opened, and lets others in', async () => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    await store.set('one', 1)
    await store.close()
    const codec = {
      encode: () => Buffer.alloc(0),
      decode: (): [string, number] => {
        throw new Error('no such entry')
      },
    }

    expect(await reasonOf(openOn(disk, { codec }))).toMatchObject({ message: 'no such entry' })

    await (await openOn(disk)).close()
  })

  it('changes nothing, and compacts again once it does not throw', async () => {
    const disk = new MemoryFileSystem()
    let isThrowing = false
    const codec = {
      encode(key: string, value: number | undefined): Buffer {
        if (isThrowing) throw new Error('no such value')
        return Buffer.from(`${key} ${value ?? ''}`)
      },
      decode(bytes: Uint8Array): [string, number | undefined] {
        const [key = '', value = ''] = Buffer.from(bytes).toString().split(' ')
        return [key, value === '' ? undefined : Number(value)]
      },
    }
    const store = await openOn(disk, { codec })
    await store.set('one', 1)
    isThrowing = true

    for (const failing of [store.set('one', 2), store.delete('one'), store.compact()]) {
      expect(await reasonOf(failing)).toMatchObject({ message: 'no such value' })
    }

    isThrowing = false
    expect([...store.entries()]).toEqual([['one', 1]])
    await store.compact()
    await store.close()
    expect([...(await openOn(disk, { codec })).entries()]).toEqual([['one', 1]])
  })
})

describe('Store with a codec that is not the one it was written with', () => {
  const CODECS: readonly (readonly [string, () => unknown])[] = [
    ['gives nothing', () => undefined],
    ['gives null', () => null],
    ['gives an object', () => ({ one: 1 })],
    ['gives an empty array', () => []],
    ['gives a promise', () => Promise.resolve(['one', 1])],
  ]

  it.each(CODECS)('is not opened, and stays as it is: one that %s', async (_, decode) => {
    const disk = new MemoryFileSystem()
    const store = await openOn(disk)
    await store.set('one', 1)
    await store.close()

    // @ts-expect-error -- what somebody without a compiler may pass
    const error = await errorOf(openOn(disk, { codec: { encode: () => Buffer.alloc(0), decode } }))

    expect({ name: error.name, message: error.message }).toEqual({
      name: 'TypeError',
      message: 'Cannot use what codec.decode() gave: expected a key and a value',
    })
    expect([...(await openOn(disk)).entries()]).toEqual([['one', 1]])
  })

  it('refuses what it makes of an entry if that is no bytes', async () => {
    const disk = new MemoryFileSystem()
    const codec = { encode: () => 'text', decode: () => ['one', 1] }

    // @ts-expect-error -- what somebody without a compiler may pass
    const store = await openOn(disk, { codec })

    expect((await errorOf(store.set('one', 1))).message).toBe(
      'Cannot use payload: got string, expected a Uint8Array',
    )
    expect(store.size).toBe(0)
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
