import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tellsOf } from '../src/digest/file-record.ts'
import { Journal } from '../src/digest/journal.ts'
import { pathsInJournal, recordOf } from './fixtures/records.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const PURPOSE = { folder: '/some/folder', algorithm: 'sha256' }
const STATE = { size: 1n, mtimeNs: 2n, ino: 3n }

describe('Journal.resume()', () => {
  it('finds what was appended before', () => {
    const path = journalWith(['a', 'b'])

    const journal = Journal.resume(path, PURPOSE)

    expect(journal.index.size).toBe(2)
    expect(found(journal, 'b')).toEqual(recordOf('b'))
    expect(found(journal, 'c')).toBeUndefined()
    journal.close()
  })

  it('does not take a record for that of a path that its own path only ends with', () => {
    expect(tellsOf(recordOf('longer/a'), Buffer.from('a'), STATE)).toBe(false)
    expect(tellsOf(recordOf('a'), Buffer.from('a'), STATE)).toBe(true)
  })

  it('finds each of many', () => {
    const names = Array.from({ length: 30_000 }, (_, index) => `file ${index}`)
    const journal = Journal.resume(journalWith(names), PURPOSE)
    const file = openSync(journal.path, 'r')

    const known = names.filter((name) => journal.index.find(file, Buffer.from(name), STATE))

    expect(known).toHaveLength(names.length)
    closeSync(file)
    journal.close()
  })

  it.each([
    ['size', { ...STATE, size: 9n }],
    ['mtime by a nanosecond', { ...STATE, mtimeNs: 3n }],
    ['inode', { ...STATE, ino: 9n }],
  ])('does not find a file that has changed in its %s', (_, state) => {
    const journal = Journal.resume(journalWith(['a']), PURPOSE)

    expect(found(journal, 'a', state)).toBeUndefined()
    journal.close()
  })

  it('cuts a torn tail off, wherever it was torn, and goes on from there', () => {
    const whole = readFileSync(journalWith(['a', 'b']))
    const path = join(temporaryFolder(), 'journal')
    const ends = Array.from({ length: whole.length }, (_, index) => index)

    const kept = ends.map((end) => {
      writeFileSync(path, whole.subarray(0, end))
      const journal = Journal.resume(path, PURPOSE)
      journal.append(recordOf('c'))
      journal.close()
      return pathsInJournal(path).join()
    })

    const recordBytes = recordOf('a').length
    const header = whole.length - 2 * recordBytes
    expect(kept).toEqual(
      ends.map((end) => ['c', 'a,c'][Math.floor(Math.max(end - header, 0) / recordBytes)]),
    )
  })

  it('takes nothing from a damaged record on', () => {
    const path = journalWith(['a', 'b', 'c'])
    const bytes = readFileSync(path)
    const middle = bytes.length - recordOf('c').length - 1
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(path, bytes)

    const journal = Journal.resume(path, PURPOSE)

    expect(journal.index.size).toBe(1)
    expect(pathsInJournal(path)).toEqual(['a'])
    journal.close()
  })

  it('begins where there is no journal', () => {
    const path = join(temporaryFolder(), 'journal')

    const journal = Journal.resume(path, PURPOSE)
    journal.append(recordOf('a'))
    journal.close()

    expect(pathsInJournal(path)).toEqual(['a'])
  })

  it.each([
    ['another folder', { ...PURPOSE, folder: '/other' }, 'it is about sha256 "/some/folder"'],
    ['another algorithm', { ...PURPOSE, algorithm: 'md5' }, 'it is about sha256 "/some/folder"'],
  ])('refuses the journal of %s, and leaves it alone', (_, purpose, message) => {
    const path = journalWith(['a'])

    expect(() => Journal.resume(path, purpose)).toThrow(RangeError)
    expect(() => Journal.resume(path, purpose)).toThrow(message)
    expect(pathsInJournal(path)).toEqual(['a'])
  })

  it('refuses a file that is no journal, and leaves it alone', () => {
    const path = join(temporaryFolder(), 'journal')
    writeFileSync(path, 'dear diary,\n')

    expect(() => Journal.resume(path, PURPOSE)).toThrow('the file is no journal of this command')
    expect(readFileSync(path, 'utf8')).toBe('dear diary,\n')
  })
})

describe('Journal.create()', () => {
  it('replaces a journal that is there', () => {
    const path = journalWith(['a'])

    Journal.create(path, PURPOSE).close()

    expect(pathsInJournal(path)).toEqual([])
  })

  it.each([
    ['another folder', { ...PURPOSE, folder: '/other' }],
    ['another algorithm', { ...PURPOSE, algorithm: 'md5' }],
  ])('refuses to replace the journal of %s', (_, purpose) => {
    const path = journalWith(['a'])

    const create = () => Journal.create(path, purpose)

    expect(create).toThrow(RangeError)
    expect(create).toThrow('it is about sha256 "/some/folder"')
    expect(create).toThrow('delete the file')
    expect(pathsInJournal(path)).toEqual(['a'])
  })

  it('refuses a file that is no journal, and leaves it alone', () => {
    const path = join(temporaryFolder(), 'journal')
    writeFileSync(path, 'dear diary,\n')

    expect(() => Journal.create(path, PURPOSE)).toThrow(RangeError)
    expect(readFileSync(path, 'utf8')).toBe('dear diary,\n')
  })
})

describe('Journal.remove()', () => {
  it('leaves no file', () => {
    const path = join(temporaryFolder(), 'journal')

    Journal.create(path, PURPOSE).remove()

    expect(existsSync(path)).toBe(false)
  })
})

function journalWith(names: readonly string[]): string {
  const path = join(temporaryFolder(), 'journal')
  const journal = Journal.create(path, PURPOSE)
  journal.append(Buffer.concat(names.map((name) => recordOf(name))))
  journal.close()
  return path
}

function found(journal: Journal, name: string, state = STATE): Buffer | undefined {
  const file = openSync(journal.path, 'r')
  try {
    return journal.index.find(file, Buffer.from(name), state)
  } finally {
    closeSync(file)
  }
}
