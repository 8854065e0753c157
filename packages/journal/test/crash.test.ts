import { afterAll, describe, expect, it } from 'vitest'
import { Crash, failure, MemoryFileSystem, ShortWrite } from './memory-file-system.ts'
import { Account, contentOf, openOn } from './script.ts'

/** So small that the script needs several segments. */
const SEGMENT_BYTES = 120

const counts = new Map<string, number>()

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

afterAll(() => {
  for (const [what, times] of counts)
    console.log(`crash suite: ${times.toLocaleString('en')} ${what}`)
})

/** What the tests do to a journal: groups, several in one write, several segments, a second opening. */
async function script(disk: MemoryFileSystem, account: Account): Promise<void> {
  const first = await openOn(disk, { segmentBytes: SEGMENT_BYTES })
  await account.append(first, 'one')
  await Promise.all([account.append(first, 'two', 'three'), account.append(first, 'four')])
  // One write of several: its second half may reach the disk without the first.
  await Promise.all(['five', '5b', '5c', '5d', '5e'].map((text) => account.append(first, text)))
  await first.close()
  const second = await openOn(disk, { segmentBytes: SEGMENT_BYTES })
  await account.append(second, 'six', 'seven')
  await account.append(second, 'eight')
  await second.close()
}

/** Records that are refused, and others of the same lengths that take their places. */
async function scriptWithRefusal(disk: MemoryFileSystem, account: Account): Promise<void> {
  const journal = await openOn(disk)
  await account.append(journal, 'one')
  const { gate } = disk
  disk.gate = (call) => {
    gate(call)
    if (call.startsWith('write')) throw new ShortWrite('half', { cause: failure('ENOSPC') })
  }
  const refused = ['no1', 'no2', 'no3', 'no4'].map((text) => account.append(journal, text))
  await Promise.allSettled(refused)
  // If the machine has died before they were out of the journal, nobody was told that they are.
  if (journal.broken) account.refused.clear()
  disk.gate = gate
  await account.append(journal, 'two')
  await account.append(journal, 'six')
  await journal.close()
}

/** A disk with a torn write, the second and third records of which are valid. */
async function tornDisk(account: Account): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem()
  const journal = await openOn(disk)
  await account.append(journal, 'one')
  account.submitted.push(['no1'], ['no2'], ['no3'])
  const texts = account.submitted.slice(1).flat()
  await Promise.all(texts.map((text) => journal.append({ payload: Buffer.from(text) })))
  await journal.close()
  const { files } = disk
  for (const bytes of files.values()) spoil(bytes, 40 + 23 + 20)
  return new MemoryFileSystem(files)
}

/** Records that take the places of those that opening it cuts off. */
async function scriptAfterTear(disk: MemoryFileSystem, account: Account): Promise<void> {
  const journal = await openOn(disk)
  for (const text of ['two', 'six']) await account.append(journal, text)
  await journal.close()
}

/** A segment of another journal, whose records are as long. */
async function formerSegment(): Promise<Buffer> {
  const disk = new MemoryFileSystem()
  const journal = await openOn(disk)
  for (const text of ['uno', 'dos', 'tre']) await journal.append({ payload: Buffer.from(text) })
  await journal.close()
  return [...disk.files.values()][0] ?? Buffer.alloc(0)
}

/** Runs something until it ends, or until its call number `crashAt` finds the machine dead. */
async function runUntilCrash(
  disk: MemoryFileSystem,
  crashAt: number,
  run: () => Promise<void>,
): Promise<string | undefined> {
  let calls = 0
  let last: string | undefined
  disk.gate = (call) => {
    if (calls++ < crashAt) return
    last ??= call
    throw new Crash(`crashed before ${call}`)
  }
  await run().catch(() => {})
  return last
}

/** Disks that were checked, with what had been promised of them: many crashes leave the same. */
const checked = new Set<string>()

/** That a disk has a journal which is as the account says, and can be written on. */
async function check(disk: MemoryFileSystem, account: Account, when: string): Promise<void> {
  const known = `${account.acknowledged.size} of ${account.submitted.length}: ${disk.fingerprint}`
  if (checked.has(known)) return
  checked.add(known)
  count('disks that differ, each opened twice')
  const journal = await openOn(disk)
  const problem = account.problemWith(await contentOf(journal))
  expect({ when, problem }).toEqual({ when, problem: undefined })
  const id = await journal.append({ payload: Buffer.from('after') })
  await journal.close()
  const again = await openOn(disk, { recovery: 'strict' })
  expect((await contentOf(again)).get(id)).toBe('after')
  await again.close()
}

describe('a crash of the machine', () => {
  it('before any call loses nothing acknowledged and invents nothing, whatever was not synced', async () => {
    for (let crashAt = 0; ; crashAt++) {
      const disk = new MemoryFileSystem()
      const account = new Account()
      const call = await runUntilCrash(disk, crashAt, () => script(disk, account))
      if (call === undefined) break
      count('calls to crash before')
      for (const left of disk.crashes()) {
        count('disks that a crash may leave')
        await check(left, account, call)
      }
    }
  })

  const FORMER = {
    'one of another journal': [
      scriptWithRefusal,
      async () => new MemoryFileSystem([], await formerSegment()),
    ],
    'one that was refused': [scriptWithRefusal, async () => new MemoryFileSystem()],
    'one that was cut off': [scriptAfterTear, tornDisk],
  } as const

  for (const [what, [run, diskOf]] of Object.entries(FORMER)) {
    it(`takes nothing for a record that was in its place before: ${what}`, async () => {
      for (let crashAt = 0; ; crashAt++) {
        const account = new Account()
        const disk = await diskOf(account)
        const call = await runUntilCrash(disk, crashAt, () => run(disk, account))
        if (call === undefined) break
        for (const left of disk.crashes()) {
          count('disks that a crash may leave, with bytes of an earlier use')
          await check(left, account, call)
        }
      }
    })
  }

  it('during recovery changes nothing about that', async () => {
    let crashes = 0
    for (let crashAt = 0; ; crashAt++) {
      const disk = new MemoryFileSystem()
      const account = new Account()
      const call = await runUntilCrash(disk, crashAt, () => script(disk, account))
      if (call === undefined) break
      for (const left of disk.crashes()) crashes += await crashInRecovery(left, account, call)
    }
    expect(crashes).toBeGreaterThan(1000)
  })
})

async function crashInRecovery(
  left: MemoryFileSystem,
  account: Account,
  when: string,
): Promise<number> {
  let crashes = 0
  for (let crashAt = 0; ; crashAt++) {
    const disk = new MemoryFileSystem(left.files)
    const call = await runUntilCrash(disk, crashAt, async () => void (await openOn(disk)))
    if (call === undefined) return crashes
    for (const again of disk.crashes()) {
      count('disks that a crash in recovery may leave')
      crashes++
      await check(again, account, `${when}, then ${call}`)
    }
  }
}

describe('a crash of the process', () => {
  it('before any call loses nothing that was acknowledged', async () => {
    for (let crashAt = 0; ; crashAt++) {
      const disk = new MemoryFileSystem()
      const account = new Account()
      const call = await runUntilCrash(disk, crashAt, () => script(disk, account))
      if (call === undefined) break
      await check(
        disk.crash(() => 'kept'),
        account,
        call,
      )
    }
  })
})

describe('a repair that is cut short', () => {
  for (const recovery of ['point-in-time', 'salvage'] as const) {
    it(`comes to the same in the end, wherever it was: ${recovery}`, async () => {
      const spoilt = await spoiltJournal()
      const journal = await openOn(new MemoryFileSystem(spoilt), { recovery })
      const expected = await contentOf(journal)
      for (let crashAt = 0; ; crashAt++) {
        const disk = new MemoryFileSystem(spoilt)
        const call = await runUntilCrash(disk, crashAt, async () => {
          await openOn(disk, { recovery })
        })
        if (call === undefined) break
        for (const left of disk.crashes()) {
          count('disks that a crash in a repair may leave')
          const again = await openOn(left, { recovery })
          const content = await contentOf(again)
          expect({ call, content }).toEqual({ call, content: expected })
        }
      }
    })
  }
})

/**
 * Several segments, the first two of which have a record that is not what it was. So has the last, and a
 * torn end beside it, of which some records are valid.
 */
async function spoiltJournal(): Promise<Map<string, Buffer>> {
  const disk = new MemoryFileSystem()
  const journal = await openOn(disk, { segmentBytes: 150 })
  for (let n = 1; n <= 15; n++) await journal.append({ payload: Buffer.from(`record ${n + 9}`) })
  await Promise.all(['x', 'y', 'z'].map((text) => journal.append({ payload: Buffer.from(text) })))
  await journal.close()
  const { files } = disk
  const paths = [...files.keys()].sort()
  for (const path of paths.slice(0, 2)) spoil(files.get(path), 100)
  // The second of the whole records, and the first of those that were written together.
  for (const at of [40 + 29 + 25, 40 + 3 * 29 + 20]) spoil(files.get(paths.at(-1) ?? ''), at)
  return files
}

function spoil(bytes: Buffer = Buffer.alloc(0), at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1
}
