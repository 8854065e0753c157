import { BrokenError } from '@cupola/core'
import { afterAll, describe, expect, it } from 'vitest'
import { type Journal } from '@cupola/journal'
import { failure, MemoryFileSystem, ShortWrite } from './memory-file-system.ts'
import { Account, contentOf, openOn } from './script.ts'

const FAULTS = {
  'fails with EIO': () => failure('EIO'),
  'fails with ENOSPC': () => failure('ENOSPC'),
  'is a write that takes a half': () => new ShortWrite(),
  'is a write that takes a half and fails with ENOSPC': () =>
    new ShortWrite('half', { cause: failure('ENOSPC') }),
}

let faults = 0
let disks = 0

afterAll(() => {
  console.log(
    `fault suite: ${faults.toLocaleString('en')} calls failed, ${disks.toLocaleString('en')} disks after a crash`,
  )
})

/** A disk, what was done with it, and what a crash may leave of it when an append has been refused. */
interface Run {
  readonly disk: MemoryFileSystem
  readonly account: Account
  readonly left: MemoryFileSystem[]
}

/** Appends that go on whatever fails, and a second opening. */
async function script(run: Run): Promise<void> {
  for (const round of ['a', 'b']) {
    const journal = await openOn(run.disk, { segmentBytes: 120 }).catch(expected)
    if (journal === undefined) continue
    await append(run, journal, `${round}1`)
    await Promise.all([
      append(run, journal, `${round}2`, `${round}3`),
      append(run, journal, `${round}4`),
    ])
    await Promise.all(['5', '6', '7', '8'].map((n) => append(run, journal, round + n)))
    await append(run, journal, `${round}9`)
    await journal.close().catch(expected)
  }
}

async function append(
  { account, disk, left }: Run,
  journal: Journal,
  ...texts: string[]
): Promise<void> {
  try {
    await account.append(journal, ...texts)
  } catch (error) {
    expected(error)
    // While the journal goes on, what was rejected is not in it, and will not be after a crash.
    if (journal.broken) for (const text of texts) account.refused.delete(text)
    else if (left.length === 0) left.push(...disk.crashes())
  }
}

function expected(error: unknown): undefined {
  const known = error instanceof BrokenError || (error instanceof Error && 'code' in error)
  if (!known) throw error
}

describe('a call of the file system that fails', () => {
  for (const [what, errorOf] of Object.entries(FAULTS)) {
    it(`loses nothing acknowledged and keeps nothing refused, whichever it is: one that ${what}`, async () => {
      for (let failAt = 0; ; failAt++) {
        const disk = new MemoryFileSystem()
        const account = new Account()
        let calls = 0
        let failed = ''
        disk.gate = (call) => {
          if (calls++ !== failAt) return
          const error = errorOf()
          if (error instanceof ShortWrite && !call.startsWith('write')) return
          failed = call
          throw error
        }
        const left: MemoryFileSystem[] = []
        await script({ disk, account, left })
        if (calls <= failAt) break
        faults++
        for (const refusing of left) {
          disks++
          const journal = await openOn(refusing)
          const texts = [...(await contentOf(journal)).values()]
          const refused = texts.filter((text) => account.refused.has(text))
          expect({ failed, refused }).toEqual({ failed, refused: [] })
        }
        for (const closed of disk.crashes()) {
          disks++
          const journal = await openOn(closed)
          const problem = account.problemWith(await contentOf(journal))
          expect({ failed, problem }).toEqual({ failed, problem: undefined })
          await journal.close()
        }
      }
    })
  }
})
