import { describe, expect, it } from 'vitest'
import { FullError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { type NewRecord, type SyncPolicy } from '@cupola/journal'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { until } from '../../../test/until.ts'
import { failure, MemoryFileSystem } from './memory-file-system.ts'
import { contentOf, openOn } from './script.ts'

function record(text: string): NewRecord {
  return { payload: Buffer.from(text) }
}

/** What a disk has if the machine crashes now. */
async function survivors(disk: MemoryFileSystem): Promise<string[]> {
  const journal = await openOn(disk.crash(() => 'lost'))
  return [...(await contentOf(journal)).values()]
}

describe('Journal.append()', () => {
  it("resolves with the record's own id", async () => {
    const journal = await openOn(new MemoryFileSystem())

    const ids = await Promise.all(
      ['one', 'two', 'three'].map((text) => journal.append(record(text))),
    )

    expect(ids).toEqual([1n, 2n, 3n])
    expect([...(await contentOf(journal))]).toEqual([
      [1n, 'one'],
      [2n, 'two'],
      [3n, 'three'],
    ])
  })

  it('takes those of one turn to disk with one sync', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    const calls: string[] = []
    disk.gate = (call) => void calls.push(call.split(' ')[0] ?? '')

    await Promise.all(Array.from({ length: 100 }, () => journal.append(record('x'))))

    expect(calls.filter((call) => call === 'sync')).toHaveLength(1)
  })

  it('has copied the payload when it returns', async () => {
    const journal = await openOn(new MemoryFileSystem())
    const payload = Buffer.from('before')

    const appending = journal.append({ payload })
    payload.fill('x')
    await appending

    expect([...(await contentOf(journal)).values()]).toEqual(['before'])
  })

  it('keeps type and mode', async () => {
    const journal = await openOn(new MemoryFileSystem())
    await journal.append({ payload: Buffer.alloc(0), type: 0xff_ff, mode: 'delete' })
    await journal.append({ payload: Buffer.alloc(0), mode: 255 })

    const found: unknown[] = []
    for await (const { type, mode } of journal.read()) found.push([type, mode])

    expect(found).toEqual([
      [0xff_ff, 'delete'],
      [0, 255],
    ])
  })

  it('refuses what is too much to wait, and gives it back', async () => {
    const journal = await openOn(new MemoryFileSystem(), { maxWaitingBytes: 50 })
    const first = journal.append(record('so much is always taken on, be it more than that'))

    const error = await reasonOf(journal.append(record('more')))

    expect(error).toMatchObject({ code: 'ERR_FULL', refused: { payload: Buffer.from('more') } })
    await first
    expect(await journal.append(record('more'))).toBe(2n)
  })

  it('takes what was refused later, as it was given back', async () => {
    const journal = await openOn(new MemoryFileSystem(), { maxWaitingBytes: 50 })
    const many = Array.from({ length: 1000 }, (_, n) =>
      journal.append({ ...record(`record ${n}`), mode: n % 2 === 0 ? 'add' : 'set' }),
    )
    const ends = await Promise.allSettled(many)
    expect(journal.waitingBytes).toBe(0)

    const refused = ends.flatMap((end): unknown[] => {
      if (end.status === 'fulfilled') return []
      expect(end.reason).toBeInstanceOf(FullError)
      return end.reason instanceof FullError ? [end.reason.refused] : []
    })
    expect(refused).toHaveLength(999)
    for (const one of refused) await journal.append(one as NewRecord)

    const modes: unknown[] = []
    for await (const { mode } of journal.read()) modes.push(mode)
    expect(modes).toHaveLength(1000)
    expect(modes.filter((mode) => mode === 'set')).toHaveLength(500)
  })

  it('takes records of no bytes, and of more than a segment', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { segmentBytes: 100 })
    const payloads = [0, 5000, 0, 1, 400_000, 0].map((length) => Buffer.alloc(length, 'x'))

    for (const payload of payloads) await journal.append({ payload })

    const again = await openOn(
      disk.crash(() => 'lost'),
      { recovery: 'strict' },
    )
    expect([...(await contentOf(again)).values()]).toEqual(payloads.map(String))
  })

  it('refuses a payload whose buffer was transferred away, and forgets about it', async () => {
    const journal = await openOn(new MemoryFileSystem())
    const payload = new Uint8Array(10)
    structuredClone(payload, { transfer: [payload.buffer] })

    const error = await errorOf(journal.append({ payload }))

    expect({ name: error.name, message: error.message }).toEqual({
      name: 'TypeError',
      message: 'Cannot use payload: its buffer is gone',
    })
    expect(journal.waitingBytes).toBe(0)
    expect(await journal.append(record('one'))).toBe(1n)
  })

  it('never gives two records the same id: there is a last one', async () => {
    const disk = new MemoryFileSystem()
    const last = BigInt(Number.MAX_SAFE_INTEGER)
    const journal = await openOn(disk, { firstId: last, segmentBytes: 1 })
    expect(await journal.append(record('last'))).toBe(last)

    const error = await errorOf(journal.append(record('one more')))

    expect({ name: error.name, message: error.message }).toEqual({
      name: 'BrokenError',
      message: `Cannot append to the journal: there are no ids behind ${last}`,
    })
    await journal.close()
    const again = await openOn(disk, { recovery: 'strict' })
    expect([...(await contentOf(again))]).toEqual([[last, 'last']])
  })

  it('goes on after a write that failed, with the id that was not used', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    disk.gate = (call) => {
      if (call.startsWith('write')) throw failure('ENOSPC')
    }
    expect(await reasonOf(journal.append(record('refused')))).toMatchObject({
      code: 'ERR_BROKEN',
      cause: { code: 'ENOSPC' },
    })
    disk.gate = () => {}

    expect(await journal.append(record('taken'))).toBe(1n)
    expect(journal.broken).toBe(false)
  })

  it('is over for good after a sync that failed', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    disk.gate = (call) => {
      if (call.startsWith('sync ')) throw failure('EIO')
    }
    const waiting = [journal.append(record('one')), journal.append(record('two'))].map(reasonOf)
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'ERR_BROKEN' },
      { code: 'ERR_BROKEN' },
    ])
    disk.gate = () => {}

    expect(await reasonOf(journal.append(record('later')))).toMatchObject({
      cause: { code: 'EIO' },
    })
    expect(await reasonOf(journal.sync())).toMatchObject({ code: 'ERR_BROKEN' })
    expect(await reasonOf(journal.close())).toMatchObject({ code: 'ERR_BROKEN' })
    expect(journal.broken).toBe(true)
  })

  it('brings to disk, once opened again, what a failed sync has left in memory only', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    disk.gate = (call) => {
      if (call.startsWith('sync ')) throw failure('EIO')
    }
    await reasonOf(journal.append(record('in doubt')))
    await reasonOf(journal.close())
    disk.gate = () => {}

    const again = await openOn(disk)
    await again.append(record('after'))

    expect(await survivors(disk)).toEqual(['in doubt', 'after'])
  })
})

describe('Journal.appendMany()', () => {
  it('gives all ids', async () => {
    const journal = await openOn(new MemoryFileSystem())

    expect(await journal.appendMany([record('one'), record('two')])).toEqual([1n, 2n])
    expect(await journal.appendMany([])).toEqual([])
  })

  it('appends none if one is wrong', async () => {
    const journal = await openOn(new MemoryFileSystem())

    // @ts-expect-error -- what somebody without a compiler may pass
    await reasonOf(journal.appendMany([record('one'), { payload: 1 }]))

    expect(await journal.append(record('two'))).toBe(1n)
  })

  it('appends none if going through them fails', async () => {
    const journal = await openOn(new MemoryFileSystem())
    function* failing(): Generator<NewRecord> {
      yield record('one')
      throw new Error('no more')
    }

    expect(await reasonOf(journal.appendMany(failing()))).toMatchObject({ message: 'no more' })

    expect(await journal.append(record('two'))).toBe(1n)
  })

  it('appends none if the bytes of one are gone by the time that they are copied', async () => {
    const journal = await openOn(new MemoryFileSystem())
    function* transferring(): Generator<NewRecord> {
      yield record('one')
      const payload = new Uint8Array(10)
      yield { payload }
      structuredClone(payload, { transfer: [payload.buffer] })
    }

    expect(await reasonOf(journal.appendMany(transferring()))).toBeInstanceOf(TypeError)

    expect(journal.waitingBytes).toBe(0)
    expect(await journal.append(record('two'))).toBe(1n)
    expect([...(await contentOf(journal)).values()]).toEqual(['two'])
  })

  it('takes a hundred thousand at a time', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    const records = Array.from({ length: 100_000 }, (_, n) => record(String(n)))

    const ids = await journal.appendMany(records)

    expect([ids.length, ids[0], ids.at(-1)]).toEqual([100_000, 1n, 100_000n])
    const again = await openOn(disk.crash(() => 'lost'))
    expect((await contentOf(again)).size).toBe(100_000)
  })

  it('refuses more than can be written at once, and forgets about it', async () => {
    const journal = await openOn(new MemoryFileSystem())
    const large = { payload: Buffer.alloc(16 * 1024 * 1024) }

    const error = await errorOf(journal.appendMany(Array.from({ length: 128 }, () => large)))

    expect({ name: error.name, message: error.message }).toEqual({
      name: 'RangeError',
      message:
        'Cannot use records: they have 2147486208 bytes together, expected at most 2147483647',
    })
    expect(journal.waitingBytes).toBe(0)
    expect(await journal.append(record('one'))).toBe(1n)
  })
})

describe('Journal.sync()', () => {
  it('is never too much: it adds nothing to what waits', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: 'os', maxWaitingBytes: 10 })
    const appending = journal.append(record('more than ten bytes'))

    await journal.sync()

    expect(await survivors(disk)).toEqual(['more than ten bytes'])
    expect(await appending).toBe(1n)
  })

  it('succeeds though a record could not be written, and so does close()', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: 'os' })
    await journal.append(record('one'))
    disk.gate = (call) => {
      if (call.startsWith('write')) throw failure('ENOSPC')
    }
    const refused = [reasonOf(journal.append(record('two')))]

    await journal.sync()

    expect(await survivors(disk)).toEqual(['one'])
    refused.push(reasonOf(journal.append(record('three'))))
    await journal.close()
    expect(await Promise.all(refused)).toMatchObject([
      { message: 'Cannot append to the journal: ENOSPC' },
      { message: 'Cannot append to the journal: ENOSPC' },
    ])
  })

  it('says that it is the sync which has failed', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: 'os' })
    await journal.append(record('one'))
    disk.gate = (call) => {
      if (call.startsWith('sync ')) throw failure('EIO')
    }

    expect((await errorOf(journal.sync())).message).toBe('Cannot sync the journal: EIO')
  })
})

describe("the journal's sync", () => {
  const clock = new VirtualClock()
  const CASES: readonly (readonly [string, SyncPolicy, string[]])[] = [
    ['always: an append is over once it is on disk', 'always', ['one']],
    ['os: once the system has it', 'os', []],
    ['everyMs: the same', { everyMs: 100 }, []],
  ]

  it.each(CASES)('%s', async (_, sync, expected) => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync, clock })

    await journal.append(record('one'))

    expect(await survivors(disk)).toEqual(expected)
    expect(journal.durableId).toBe(BigInt(expected.length))
    await journal.sync()
    expect(await survivors(disk)).toEqual(['one'])
    expect(journal.durableId).toBe(1n)
    await journal.close()
    expect(clock.pending).toBe(0)
  })

  it('everyMs: is not tried again once it has failed', async () => {
    const disk = new MemoryFileSystem()
    const time = new VirtualClock()
    const journal = await openOn(disk, { sync: { everyMs: 10 }, clock: time })
    await journal.append(record('one'))
    disk.gate = (call) => {
      if (call.startsWith('sync ')) throw failure('EIO')
    }

    await time.advance(10)
    await until(() => journal.broken)
    await reasonOf(journal.sync())

    expect(time.pending).toBe(0)
  })

  it('everyMs: is on disk so much later', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: { everyMs: 100 }, clock })
    await journal.append(record('one'))

    await clock.advance(100)
    await until(() => journal.durableId === 1n)

    expect(await survivors(disk)).toEqual(['one'])
    expect(clock.pending).toBe(0)
  })
})

describe('Journal.close()', () => {
  it('writes nothing if there is nothing to write', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    const calls: string[] = []
    disk.gate = (call) => void calls.push(call.split(' ')[0] ?? '')

    await journal.close()

    expect(calls).toEqual(['truncate', 'sync', 'close', 'unlock'])
  })

  it('finishes what was appended, and refuses the rest', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { sync: 'os' })
    const appending = journal.append(record('one'))

    const closing = journal.close()

    expect(journal.closed).toBe(true)
    expect(await reasonOf(journal.append(record('two')))).toMatchObject({ code: 'ERR_CLOSED' })
    expect(await appending).toBe(1n)
    expect(journal.close()).toBe(closing)
    await closing
    expect(await survivors(disk)).toEqual(['one'])
  })

  it('lets somebody else open it', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk)
    await reasonOf(openOn(disk))

    await journal.close()

    await expect(openOn(disk)).resolves.toBeDefined()
  })
})

describe('segmentAgeMs', () => {
  it('begins a new segment when the last one is so old', async () => {
    const disk = new MemoryFileSystem()
    const clock = new VirtualClock()
    const journal = await openOn(disk, { segmentAgeMs: 100, clock })
    await journal.append(record('one'))
    await clock.advance(99)
    await journal.append(record('two'))

    await clock.advance(1)
    await journal.append(record('three'))

    expect([...disk.files.keys()]).toHaveLength(2)
  })

  it('does not follow a clock on the wall that jumps', async () => {
    const disk = new MemoryFileSystem()
    const clock = new VirtualClock({ wall: 1e12 })
    const journal = await openOn(disk, { segmentAgeMs: 100, sync: { everyMs: 50 }, clock })

    for (const wall of [2e12, 0, 1e12]) {
      clock.setWall(wall)
      await journal.append(record('x'))
    }

    expect([...disk.files.keys()]).toHaveLength(1)
    expect(journal.durableId).toBe(0n)
    await journal.close()
  })
})
