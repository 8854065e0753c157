import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Journal } from '@cupola/journal'
import { describe, expect, it } from 'vitest'
import { cupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

/** Six records in two segments. */
async function journalIn(folder: string): Promise<string[]> {
  const journal = await Journal.open(folder, { segmentBytes: 100 })
  for (const text of ['one', 'two', 'three']) await journal.append({ payload: Buffer.from(text) })
  await journal.append({ payload: Buffer.from([0xff]), type: 7, mode: 'delete' })
  for (const text of ['five', 'six']) await journal.append({ payload: Buffer.from(text) })
  await journal.close()
  return readdirSync(folder).map((name) => join(folder, name))
}

/** Makes a file not what it was. */
function spoil(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

describe('cupola journal', () => {
  it('lists the files', async () => {
    const folder = temporaryFolder()
    const [first = '', second = ''] = await journalIn(folder)

    const { stdout, exitCode } = await cupola(['journal', 'ls', folder])

    expect(exitCode).toBe(0)
    expect(stdout).toBe(`${first}  1 to 3  111 bytes\n${second}  4 to 6  108 bytes\n`)
  })

  it('prints the records', async () => {
    const folder = temporaryFolder()
    await journalIn(folder)

    const { stdout } = await cupola(['journal', 'cat', folder, '--from', '3'])

    expect(stdout.trim().split('\n')).toEqual([
      '{"id":"3","type":0,"mode":"add","text":"three"}',
      '{"id":"4","type":7,"mode":"delete","base64":"/w=="}',
      '{"id":"5","type":0,"mode":"add","text":"five"}',
      '{"id":"6","type":0,"mode":"add","text":"six"}',
    ])
  })

  it('verifies, and ends with 1 if something is damaged', async () => {
    const folder = temporaryFolder()
    const [first = ''] = await journalIn(folder)
    expect(await cupola(['journal', 'verify', folder])).toMatchObject({
      exitCode: 0,
      stdout: '2 segments, 6 records\n',
    })

    spoil(first, 70)

    const { stdout, exitCode } = await cupola(['journal', 'verify', folder])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('damaged: record 2, at byte 63')
  })

  it('repairs by salvage', async () => {
    const folder = temporaryFolder()
    const [first = ''] = await journalIn(folder)
    spoil(first, 70)

    const { stdout, exitCode } = await cupola(['journal', 'repair', folder, '--mode', 'salvage'])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('kept 111 bytes in')
    expect((await cupola(['journal', 'cat', folder])).stdout.split('\n')).toHaveLength(6)
    expect((await cupola(['journal', 'verify', folder])).exitCode).toBe(0)
  })

  it.each([
    ['a directory that is not there', ['verify', '/no/such/folder'], 'that is there'],
    ['an id that is none', ['cat', '/', '--from', 'x'], 'a whole number'],
    ['an unknown mode', ['repair', '/', '--mode', 'all'], 'Allowed choices'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { stderr, exitCode } = await cupola(['journal', ...args])

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })
})
