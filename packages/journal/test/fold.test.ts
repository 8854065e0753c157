import { describe, expect, it } from 'vitest'
import { foldJournal, type Folding, type Journal } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { openOn } from './script.ts'

const texts: Folding<string> = {
  entry: (state, entry) => state + Buffer.from(entry).toString(),
  record: (state, { payload }) => state + Buffer.from(payload).toString(),
}

async function journalOf(...letters: string[]): Promise<Journal> {
  const journal = await openOn(new MemoryFileSystem(), { segmentBytes: 60 })
  for (const letter of letters) await journal.append({ payload: Buffer.from(letter) })
  return journal
}

describe('foldJournal()', () => {
  it('applies all records to what it is given', async () => {
    expect(await foldJournal(await journalOf('a', 'b'), '>', texts)).toEqual({
      state: '>ab',
      id: 2n,
    })
    expect(await foldJournal(await journalOf(), '>', texts)).toEqual({ state: '>', id: 0n })
  })

  it('begins with the newest snapshot, and goes on with the records since', async () => {
    const journal = await journalOf('a', 'b', 'c')
    await journal.snapshot(2n, [Buffer.from('A'), Buffer.from('B')])
    await journal.purge({ before: 100n })

    expect(await foldJournal(journal, '>', texts)).toEqual({ state: '>ABc', id: 3n })
  })

  it('ends with the snapshot if there are no records since', async () => {
    const journal = await journalOf('a', 'b')
    await journal.snapshot(2n, [])

    expect(await foldJournal(journal, '>', texts)).toEqual({ state: '>', id: 2n })
  })

  it('refuses a snapshot that it is not told how to read', async () => {
    const journal = await journalOf('a')
    await journal.snapshot(1n, [])

    expect(await reasonOf(foldJournal(journal, '>', { record: texts.record }))).toBeInstanceOf(
      TypeError,
    )
  })

  it('rejects with what a function throws', async () => {
    const record = (): string => {
      throw new Error('no such record')
    }

    expect(await reasonOf(foldJournal(await journalOf('a'), '>', { record }))).toMatchObject({
      message: 'no such record',
    })
  })
})
