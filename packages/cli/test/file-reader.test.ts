import { appendFileSync, constants, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileReader, withFile } from '../src/digest/file-reader.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const SIZES = [0, 1, 99, 100, 101, 200, 250]

describe('FileReader.digest()', () => {
  it.each(SIZES)('reads %i bytes through a buffer of 100', (size) => {
    const { path, content } = fileOf(size)

    const digest = digestOf(path)

    expect(digest).toEqual(createHash('sha256').update(content).digest())
  })

  it('counts the bytes that it reads', () => {
    const counter = new SharedArrayBuffer(8)

    digestOf(fileOf(250).path, () => {}, counter)

    expect(new BigUint64Array(counter)[0]).toBe(250n)
  })

  it.each([
    ['grew', 10, (path: string) => appendFileSync(path, 'x')],
    ['grew', 250, (path: string) => appendFileSync(path, 'x')],
    ['shrank', 10, (path: string) => truncateSync(path, 5)],
    ['shrank', 250, (path: string) => truncateSync(path, 0)],
    ['changed', 10, (path: string) => utimesSync(path, 1, 1)],
    ['changed', 250, (path: string) => utimesSync(path, 1, 1)],
  ])('notices that a file %s (%i bytes) after it was opened', (verb, size, change) => {
    const { path } = fileOf(size)

    expect(() => digestOf(path, change)).toThrow(`${verb} while it was read`)
  })

  it('reads files that say they are empty and are not', () => {
    expect(() => digestOf('/proc/version')).not.toThrow()
  })
})

describe('withFile()', () => {
  it('refuses what is no file', () => {
    expect(() => digestOf('/dev/null')).toThrow('is a character device')
    expect(() => digestOf(temporaryFolder())).toThrow('is a folder')
  })
})

function fileOf(size: number): { path: string; content: Buffer } {
  const path = join(temporaryFolder(), 'file')
  const content = Buffer.alloc(size, 'content')
  writeFileSync(path, content)
  return { path, content }
}

function digestOf(
  path: string,
  meanwhile: (path: string) => void = () => {},
  counter = new SharedArrayBuffer(8),
): Buffer {
  const reader = new FileReader(Buffer.alloc(100), counter)
  return withFile(path, constants.O_RDONLY, (file) => {
    meanwhile(path)
    return reader.digest(file, 'sha256')
  })
}
