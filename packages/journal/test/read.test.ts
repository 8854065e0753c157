import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Journal, type JournalRecord, verifyJournal } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { DIRECTORY, openOn } from './script.ts'

async function append(journal: Journal, ...texts: string[]): Promise<void> {
  for (const text of texts) await journal.append({ payload: Buffer.from(text) })
}

function textOf(record: JournalRecord | void): string {
  return record === undefined ? 'the end' : `${record.id} ${Buffer.from(record.payload).toString()}`
}

describe('verifyJournal()', () => {
  it('does not take for damage what somebody appends meanwhile', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    await append(journal, 'one')
    const before = new MemoryFileSystem(disk.files)
    await append(journal, 'two', 'three')
    const after = new MemoryFileSystem(disk.files)
    let has = before
    const fileSystem = Object.assign(new MemoryFileSystem(disk.files), {
      open: async (path: string) => ({
        ...(await before.open(path, 'read')),
        async read(into: Uint8Array, position: number): Promise<number> {
          // What is behind the end is read after all that is before it.
          if (position > 40) has = after
          return await (await has.open(path, 'read')).read(into, position)
        },
      }),
    })

    const { segments, findings } = await verifyJournal(DIRECTORY, { fileSystem })

    expect(segments).toMatchObject([{ records: 3 }])
    expect(findings).toEqual([])
  })
})

describe('Journal.read()', () => {
  it('begins with any record, in any segment', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 100 })
    await append(journal, ...Array.from({ length: 20 }, (_, n) => String(n + 1)))

    for (let from = 1n; from <= 21n; from++) {
      const ids: bigint[] = []
      for await (const { id } of journal.read({ from })) ids.push(id)
      expect(ids).toEqual(Array.from({ length: 21 - Number(from) }, (_, n) => from + BigInt(n)))
    }
  })

  it('reads nothing that is not on disk', async () => {
    const journal = await openOn(new MemoryFileSystem(), { sync: 'os' })
    await append(journal, 'one')
    await journal.sync()
    await append(journal, 'two')

    const texts: string[] = []
    for await (const record of journal.read()) texts.push(textOf(record))

    expect(texts).toEqual(['1 one'])
  })

  it('reads records longer than what is read at once', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 1e6 })
    const payload = Buffer.alloc(600_000, 'x')
    await journal.append({ payload })
    await append(journal, 'after')

    const lengths: number[] = []
    for await (const record of journal.read()) lengths.push(record.payload.length)

    expect(lengths).toEqual([600_000, 5])
  })

  it('begins in the middle of what was read before', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 4e6 })
    const payload = Buffer.alloc(50_000)
    await Promise.all(Array.from({ length: 40 }, () => journal.append({ payload })))
    for await (const _ of journal.read());
    let reads = 0
    disk.gate = (call) => {
      if (call.startsWith('read ')) reads++
    }

    const { value } = await journal.read({ from: 35n }).next()

    expect(value?.id).toBe(35n)
    expect(reads).toBeLessThan(4)
  })

  it('follows from segment to segment, until the journal is closed', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 100 })
    const texts: string[] = []
    const following = (async () => {
      for await (const record of journal.read({ follow: true })) texts.push(textOf(record))
    })()

    for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) await append(journal, text)
    await journal.close()
    await following

    expect(texts).toEqual(['1 one', '2 two', '3 three', '4 four', '5 five', '6 six'])
  })

  it('has several readers, each in its own place', async () => {
    const journal = await openOn(new MemoryFileSystem())
    await append(journal, 'one', 'two')
    const first = journal.read()
    const second = journal.read()

    expect(textOf((await first.next()).value)).toBe('1 one')
    expect(textOf((await second.next()).value)).toBe('1 one')
    expect(textOf((await first.next()).value)).toBe('2 two')
    expect(textOf((await first.next()).value)).toBe('the end')
  })

  it('ends a wait for more with the reason of the signal', async () => {
    const journal = await openOn(new MemoryFileSystem())
    const controller = new AbortController()
    const waiting = journal.read({ follow: true, signal: controller.signal }).next()

    controller.abort('enough')

    expect(await reasonOf(waiting)).toBe('enough')
  })

  it('ends with the reason of a signal that has aborted, be there more to read or not', async () => {
    const journal = await openOn(new MemoryFileSystem())
    await append(journal, 'one')

    const reading = journal.read({ signal: AbortSignal.abort('enough') })

    expect(await reasonOf(reading.next())).toBe('enough')
  })

  it('leaves no listener on a signal', async () => {
    const journal = await openOn(new MemoryFileSystem())
    const { signal } = new AbortController()
    const following = Array.from({ length: 10 }, () => journal.read({ follow: true, signal }))
    const first = following.map((reading) => reading.next())

    await append(journal, 'one')
    await Promise.all(first)
    const second = following.map((reading) => reading.next())
    await journal.close()

    expect((await Promise.all(second)).every(({ done }) => done)).toBe(true)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('refuses to begin with a record that was purged', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 100 })
    await append(journal, ...Array.from({ length: 20 }, String))
    await journal.purge({ before: 10n, withoutSnapshot: true })

    expect(await reasonOf(journal.read({ from: 1n }).next())).toBeInstanceOf(RangeError)
  })

  it('lets go of its file when the loop is left', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    await append(journal, 'one', 'two')
    const calls: string[] = []
    disk.gate = (call) => void calls.push(call.split(' ')[0] ?? '')

    for await (const _ of journal.read()) break

    expect(calls.filter((call) => call === 'open')).toHaveLength(1)
    expect(calls.at(-1)).toBe('close')
  })

  it('has nothing behind the last record, however far', async () => {
    const journal = await openOn(new MemoryFileSystem())
    await append(journal, 'one')

    for (const from of [2n, 1000n, 2n ** 64n]) {
      expect(await journal.read({ from }).next()).toEqual({ done: true, value: undefined })
    }
  })

  it('follows slowly, while segments are begun before it and purged behind it', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 60 })
    const following = journal.read({ follow: true })
    const ids: (bigint | undefined)[] = []
    let purged = 0

    for (let n = 0; n < 100; n++) {
      await append(journal, `record ${n}`)
      if (n % 3 === 0) ids.push((await following.next()).value?.id)
      purged += await journal.purge({ before: 1000n, withoutSnapshot: true })
    }
    await journal.close()
    for await (const { id } of following) ids.push(id)

    expect(ids).toEqual(Array.from({ length: 100 }, (_, n) => BigInt(n + 1)))
    expect(purged).toBeGreaterThan(5)
  })

  it('that begins while segments are being purged finds its own there', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 60 })
    await append(journal, ...Array.from({ length: 20 }, String))
    let reading: Promise<bigint[]> | undefined
    disk.gate = (call) => {
      if (call.startsWith('remove')) reading ??= idsOf(journal)
    }

    await journal.purge({ before: 100n, withoutSnapshot: true })

    expect(await reading).toEqual(Array.from({ length: 19 }, (_, n) => BigInt(n + 2)))
  })

  it('ends, and holds up no purge, once it was forgotten in the middle', async () => {
    const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 60 })
    await append(journal, ...Array.from({ length: 20 }, String))
    await readOneAndForget(journal)
    expect(await journal.purge({ before: 100n, withoutSnapshot: true })).toBe(0)

    let purged = 0
    while (purged === 0) {
      await collectGarbage()
      purged = await journal.purge({ before: 100n, withoutSnapshot: true })
    }

    expect(purged).toBeGreaterThan(5)
  })
})

async function idsOf(journal: Journal): Promise<bigint[]> {
  const ids: bigint[] = []
  for await (const { id } of journal.read()) ids.push(id)
  return ids
}

async function readOneAndForget(journal: Journal): Promise<void> {
  await journal.read().next()
}

/** What a turn of the event loop has looked at stays until the next. */
async function collectGarbage(): Promise<void> {
  await eventLoopTurn()
  globalThis.gc?.()
}
