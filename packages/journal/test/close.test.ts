import { describe, expect, it } from 'vitest'
import { Deferred } from '@cupola/core/authoring'
import { readJournal, Store, verifyJournal } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { failure, MemoryFileSystem } from './memory-file-system.ts'
import { contentOf, DIRECTORY, openOn } from './script.ts'

const STATE = [Buffer.from('state')]

describe('Journal.close()', () => {
  it('refuses from then on whatever changes files: somebody else may have it open', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 100 })
    for (let n = 0; n < 20; n++) await journal.append({ payload: Buffer.from('x') })
    const closing = journal.close()

    const reasons = await Promise.all([
      reasonOf(journal.append({ payload: Buffer.from('x') })),
      reasonOf(journal.snapshot(1n, STATE)),
      reasonOf(journal.purge({ before: 20n, withoutSnapshot: true })),
    ])

    expect(reasons).toMatchObject(reasons.map(() => ({ code: 'ERR_CLOSED' })))
    await closing
    expect(await reasonOf(journal.snapshot(1n, STATE))).toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('lets others in once snapshots and purges that were begun have ended', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 100 })
    for (let n = 0; n < 20; n++) await journal.append({ payload: Buffer.from('x') })
    const order: string[] = []
    disk.gate = (call) => void order.push(call.split(' ')[0] ?? '')

    const snapshot = journal.snapshot(5n, STATE)
    const purge = journal.purge({ before: 20n, withoutSnapshot: true })
    await journal.close()

    expect(order.at(-1)).toBe('unlock')
    await snapshot
    expect(await purge).toBeGreaterThan(0)
  })

  it('finishes whatever is under way, be it one record, many, a sync or a new segment', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const disk = new MemoryFileSystem()
      const journal = await openOn(disk, { segmentBytes: 60 })
      const payload = Buffer.from('x')
      const work = Promise.all([
        journal.append({ payload }),
        journal.appendMany(Array.from({ length: 20 }, () => ({ payload }))),
        journal.sync(),
        journal.append({ payload }),
      ])
      for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done))

      await journal.close()

      const [first, many, , last] = await work
      expect([first, many.at(-1), last]).toEqual([1n, 21n, 22n])
      expect(disk.openFiles).toBe(0)
      const again = await openOn(
        disk.crash(() => 'lost'),
        { recovery: 'strict' },
      )
      expect((await contentOf(again)).size).toBe(22)
    }
  })

  it('waits for a snapshot though the next one has failed before', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: 'os' })
    await journal.append({ payload: Buffer.from('one') })
    await journal.sync()
    const gate = new Deferred<Buffer>()
    const snapshot = journal.snapshot(
      1n,
      (async function* () {
        yield await gate.promise
      })(),
    )
    await journal.append({ payload: Buffer.from('two') })
    disk.gate = (call) => {
      if (call.startsWith('sync ')) throw failure('EIO')
    }
    expect(await reasonOf(journal.sync())).toMatchObject({ code: 'ERR_BROKEN' })
    const next = reasonOf(journal.snapshot(2n, STATE))
    disk.gate = () => {}

    const closing = reasonOf(journal.close())
    for (let turn = 0; turn < 5; turn++) await eventLoopTurn()

    expect(await stateOf(closing)).toBe('pending')
    gate.resolve(Buffer.from('state'))
    await snapshot
    expect(await next).toMatchObject({ code: 'ERR_BROKEN' })
    expect(await closing).toMatchObject({ code: 'ERR_BROKEN' })
  })

  it('waits for a segment to have its name, though the one before could not be closed', async () => {
    const disk = new MemoryFileSystem()
    const named = new Deferred<void>()
    const journal = await openOn(disk, { segmentBytes: 1 })
    await journal.append({ payload: Buffer.from('one') })
    disk.gate = (call) => {
      if (call.startsWith('close')) throw failure('EIO')
    }
    const rename = disk.rename.bind(disk)
    disk.rename = async (from, to) => {
      await named.promise
      await rename(from, to)
    }
    const appending = reasonOf(journal.append({ payload: Buffer.from('two') }))

    const closing = reasonOf(journal.close())
    for (let turn = 0; turn < 5; turn++) await eventLoopTurn()

    expect(await stateOf(closing)).toBe('pending')
    named.resolve()
    expect(await appending).toMatchObject({ code: 'ERR_BROKEN', cause: { code: 'EIO' } })
    await closing
  })

  it('closes, though a snapshot fails meanwhile', async () => {
    const journal = await openOn(new MemoryFileSystem())
    await journal.append({ payload: Buffer.from('x') })
    const gate = new Deferred<never>()
    const snapshot = journal.snapshot(
      1n,
      (async function* () {
        yield await gate.promise
      })(),
    )

    const closing = journal.close()
    gate.reject(new Error('no more'))

    expect(await reasonOf(snapshot)).toMatchObject({ message: 'no more' })
    await closing
  })
})

describe('Journal.open()', () => {
  it('lets go of every file when it fails, wherever that is', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    await journal.append({ payload: Buffer.from('x') })
    await journal.snapshot(1n, STATE)
    await journal.close()
    // Records that a snapshot includes are lost, so that a new segment has to be begun.
    const files = [...disk.files].map(([path, bytes]) =>
      path.endsWith('.log') ? ([path, bytes.subarray(0, 40)] as const) : ([path, bytes] as const),
    )
    for (let failAt = 0; ; failAt++) {
      const left = new MemoryFileSystem(files)
      let calls = 0
      left.gate = (call) => {
        if (call.startsWith('close') || call.startsWith('unlock')) return
        if (calls++ === failAt) throw failure('EIO')
      }
      const opened = await openOn(left).catch(() => undefined)
      if (calls <= failAt) break
      await opened?.close()
      expect({ failAt, open: left.openFiles }).toEqual({ failAt, open: 0 })
    }
  })
})

describe('Store.close()', () => {
  it('accepts no more changes at once, and keeps those that it has', async () => {
    const disk = new MemoryFileSystem()
    const store = await Store.open<string, number>(DIRECTORY, { fileSystem: disk })
    const compacting = store.compact()
    const setting = store.set('one', 1)

    const closing = store.close()

    expect(store.close()).toBe(closing)
    expect(await reasonOf(store.set('two', 2))).toMatchObject({ code: 'ERR_CLOSED' })
    expect(await reasonOf(store.delete('one'))).toMatchObject({ code: 'ERR_CLOSED' })
    expect(await reasonOf(store.compact())).toMatchObject({ code: 'ERR_CLOSED' })
    await Promise.all([compacting, setting, closing])
    const again = await Store.open<string, number>(DIRECTORY, { fileSystem: disk })
    expect([...again.entries()]).toEqual([['one', 1]])
    await again.close()
  })

  it('leaves no compaction running, and none that has failed', async () => {
    const disk = new MemoryFileSystem()
    const store = await Store.open<string, number>(DIRECTORY, { fileSystem: disk, compactAfter: 3 })
    const setting = Promise.all([1, 2, 3, 4].map((n) => store.set('key', n)))

    await store.close()

    await setting
    expect(store.compactionError).toBeUndefined()
    expect([...disk.files.keys()].filter((path) => path.endsWith('.temp'))).toEqual([])
  })
})

describe('a disk that may only be read', () => {
  it('is read and verified, and not opened', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 60 })
    for (const text of ['one', 'two']) await journal.append({ payload: Buffer.from(text) })
    await journal.close()
    disk.gate = (call) => {
      if (!/^(?:list|open|size|read|close) /.test(call)) throw failure('EROFS')
    }

    const ids: bigint[] = []
    for await (const { id } of readJournal(DIRECTORY, { fileSystem: disk })) ids.push(id)

    expect(ids).toEqual([1n, 2n])
    expect((await verifyJournal(DIRECTORY, { fileSystem: disk })).findings).toEqual([])
    expect(await reasonOf(openOn(disk))).toMatchObject({ code: 'EROFS' })
  })

  it.each(['first', 'last'])('or of which the %s segment may not: says so', async (which) => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 60 })
    for (const text of ['one', 'two']) await journal.append({ payload: Buffer.from(text) })
    await journal.close()
    const path = [...disk.files.keys()].sort().at(which === 'first' ? 0 : -1) ?? ''
    disk.gate = (call) => {
      if (call === `open ${path}`) throw failure('EACCES')
    }

    expect(await reasonOf(verifyJournal(DIRECTORY, { fileSystem: disk }))).toMatchObject({
      code: 'EACCES',
    })
    expect(await reasonOf(openOn(disk, { recovery: 'strict' }))).toMatchObject({ code: 'EACCES' })
    disk.gate = () => {}
    await (await openOn(disk, { recovery: 'strict' })).close()
  })
})
