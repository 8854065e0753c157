import { describe, expect, it } from 'vitest'
import type { Journal } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
import { failure, MemoryFileSystem } from './memory-file-system.ts'
import { openOn } from './script.ts'

async function journalOf(disk: MemoryFileSystem, records: number): Promise<Journal> {
  const journal = await openOn(disk, { segmentBytes: 100 })
  for (let n = 0; n < records; n++) await journal.append({ payload: Buffer.from(`record ${n}`) })
  return journal
}

async function textsOf(entries: AsyncIterable<Uint8Array> | undefined): Promise<string[]> {
  const texts: string[] = []
  for await (const entry of entries ?? []) texts.push(Buffer.from(entry).toString())
  return texts
}

const STATE = ['some', 'state', ''].map((text) => Buffer.from(text))

describe('Journal.snapshot()', () => {
  it('is found after a crash of the machine', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)

    await journal.snapshot(3n, STATE)

    const again = await openOn(disk.crash(() => 'lost'))
    const snapshot = await again.latestSnapshot()
    expect(snapshot?.id).toBe(3n)
    expect(await textsOf(snapshot?.entries())).toEqual(['some', 'state', ''])
  })

  it('keeps the two newest', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)

    for (const id of [1n, 2n, 3n]) await journal.snapshot(id, STATE)

    const names = [...disk.files.keys()].filter((path) => path.endsWith('.snapshot'))
    expect(names.map((name) => name.at(-10))).toEqual(['2', '3'])
  })

  it('refuses a record that is not there yet', async () => {
    const journal = await journalOf(new MemoryFileSystem(), 5)

    expect(await reasonOf(journal.snapshot(6n, STATE))).toBeInstanceOf(RangeError)
  })

  it('makes one after the other, be they of one record', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)

    await Promise.all([1n, 3n, 3n, 2n, 3n].map((id) => journal.snapshot(id, STATE)))

    expect((await journal.latestSnapshot())?.id).toBe(3n)
    expect([...disk.files.keys()].filter((path) => path.endsWith('.temp'))).toEqual([])
  })

  it('leaves nothing behind if the state cannot be had', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)
    const before = [...disk.files.keys()]
    function* failing(): Generator<Uint8Array> {
      yield Buffer.from('some')
      throw new Error('no more')
    }

    expect(await reasonOf(journal.snapshot(3n, failing()))).toMatchObject({ message: 'no more' })

    expect([...disk.files.keys()]).toEqual(before)
  })
})

describe('Journal.latestSnapshot()', () => {
  it('passes over one in which any bit is not what it was', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)
    await journal.snapshot(2n, STATE)
    await journal.snapshot(3n, STATE)
    await journal.close()
    const { files } = disk
    const newest = [...files.keys()].find((path) => path.endsWith('3.snapshot')) ?? ''
    const bytes = files.get(newest) ?? Buffer.alloc(0)

    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const spoilt = Buffer.from(bytes)
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const again = await openOn(new MemoryFileSystem(new Map(files).set(newest, spoilt)))
      expect((await again.latestSnapshot())?.id).toBe(2n)
    }
  })

  it('passes over one that was cut short at any byte', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)
    await journal.snapshot(2n, STATE)
    await journal.snapshot(3n, STATE)
    await journal.close()
    const { files } = disk
    const newest = [...files.keys()].find((path) => path.endsWith('3.snapshot')) ?? ''
    const bytes = files.get(newest) ?? Buffer.alloc(0)

    for (let length = 0; length < bytes.length; length++) {
      const torn = new Map(files).set(newest, bytes.subarray(0, length))
      const again = await openOn(new MemoryFileSystem(torn))
      expect((await again.latestSnapshot())?.id).toBe(2n)
    }
  })

  it('rejects if there are some and none is as it was written, for the records alone may not be all', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 5)
    await journal.snapshot(2n, STATE)
    await journal.close()
    const spoilt = [...disk.files].map(([path, bytes]) =>
      path.endsWith('.snapshot') ? ([path, bytes.fill(0, 30)] as const) : ([path, bytes] as const),
    )

    const again = await openOn(new MemoryFileSystem(spoilt))

    expect(await reasonOf(again.latestSnapshot())).toMatchObject({ code: 'ERR_BROKEN' })
  })
})

describe('Journal.purge()', () => {
  it('removes whole segments before a record that every snapshot includes', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 30)
    await journal.snapshot(20n, STATE)
    await journal.snapshot(30n, STATE)

    await journal.purge({ before: 100n })

    const [first] = await journal
      .read()
      .next()
      .then(({ value }) => [value?.id])
    expect(first).toBeGreaterThan(15n)
    expect(first).toBeLessThanOrEqual(21n)
  })

  it('removes nothing without a snapshot, unless told to', async () => {
    const journal = await journalOf(new MemoryFileSystem(), 30)

    expect(await journal.purge({ before: 20n })).toBe(0)
    expect(await journal.purge({ before: 20n, withoutSnapshot: true })).toBeGreaterThan(0)
  })

  it.each([-(2n ** 70n), -1n, 0n, 1n])('removes nothing before record %d', async (before) => {
    const journal = await journalOf(new MemoryFileSystem(), 30)

    expect(await journal.purge({ before, withoutSnapshot: true })).toBe(0)
  })

  it('keeps the segment that is written to, be the record never so far that is to be kept', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 30)

    await journal.purge({ before: 2n ** 70n, withoutSnapshot: true })

    expect(disk.files.size).toBe(1)
    expect(await journal.append({ payload: Buffer.from('next') })).toBe(31n)
  })

  it('leaves what a reader has yet to read', async () => {
    const journal = await journalOf(new MemoryFileSystem(), 30)
    const reading = journal.read()
    await reading.next()

    expect(await journal.purge({ before: 20n, withoutSnapshot: true })).toBe(0)

    let last = 0n
    for await (const { id } of reading) last = id
    expect(last).toBe(30n)
  })

  it('never leaves a hole when several run at a time, or one has failed', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 30)
    const lefts: MemoryFileSystem[] = []
    let failing = true
    disk.gate = (call) => {
      if (call.startsWith('syncDirectory')) lefts.push(...disk.crashes())
      if (!call.startsWith('remove') || !failing) return
      failing = false
      throw failure('EIO')
    }
    const options = { before: 20n, withoutSnapshot: true }

    const purged = await Promise.allSettled([1, 2, 3].map(() => journal.purge(options)))

    expect(purged.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    for (const left of [...lefts, ...disk.crashes()]) {
      await (await openOn(left, { recovery: 'strict' })).close()
    }
    expect(lefts.length).toBeGreaterThan(4)
  })

  it('never leaves a hole, whatever a crash keeps of it', async () => {
    const disk = new MemoryFileSystem()
    const journal = await journalOf(disk, 30)
    const lefts: MemoryFileSystem[] = []
    disk.gate = (call) => {
      if (call.startsWith('syncDirectory')) lefts.push(...disk.crashes())
    }

    await journal.purge({ before: 20n, withoutSnapshot: true })

    for (const left of lefts) {
      await (await openOn(left, { recovery: 'strict' })).close()
    }
    expect(lefts.length).toBeGreaterThan(4)
  })
})
