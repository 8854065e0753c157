import { once } from 'node:events'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { Journal } from '@cupola/journal'
import { describe, expect, it } from 'vitest'
import { cupola, cupolaHere, startCupola } from './fixtures/command.ts'
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

    const { stdout } = await cupolaHere(['journal', 'cat', folder, '--from', '3'])

    expect(stdout.trim().split('\n')).toEqual([
      '{"id":"3","type":0,"mode":"add","text":"three"}',
      '{"id":"4","type":7,"mode":"delete","base64":"/w=="}',
      '{"id":"5","type":0,"mode":"add","text":"five"}',
      '{"id":"6","type":0,"mode":"add","text":"six"}',
    ])
  })

  it('verifies, and ends with 1 if something is damaged', async () => {
    const folder = temporaryFolder()
    const [first = '', second = ''] = await journalIn(folder)
    expect(await cupolaHere(['journal', 'verify', folder])).toMatchObject({
      exitCode: 0,
      stdout: '2 segments, 6 records\n',
    })

    spoil(first, 70)

    const { stdout, exitCode } = await cupolaHere(['journal', 'verify', folder])
    expect(exitCode).toBe(1)
    expect(stdout).toBe(
      `damaged: record 2, at byte 63 of "${first}", 48 bytes: what follows is not what was written\n` +
        `missing: record 2, at byte 0 of "${second}": records before this segment are missing\n` +
        '2 segments, 4 records\n' +
        'repair --mode point-in-time would take out record 2 and all that follow\n' +
        'repair --mode salvage would take out what cannot be read, and keep the records around it\n',
    )
  })

  it('verifies, and says what is torn', async () => {
    const folder = temporaryFolder()
    const [, second = ''] = await journalIn(folder)
    truncateSync(second, 105)

    const { stdout, exitCode } = await cupolaHere(['journal', 'verify', folder])

    expect(exitCode).toBe(1)
    expect(stdout).toBe(
      `torn: record 6, at byte 85 of "${second}", 20 bytes: a write was cut short\n` +
        '2 segments, 5 records\n' +
        'repair would take out the last 20 bytes, of no record\n',
    )
  })

  it('repairs what is torn, and says where that is kept', async () => {
    const folder = temporaryFolder()
    const [, second = ''] = await journalIn(folder)
    truncateSync(second, 105)

    const { stdout, exitCode } = await cupolaHere(['journal', 'repair', folder])

    expect(exitCode).toBe(0)
    const [, savedAs = ''] = /took out 20 bytes, kept in "(?<path>.*)"/.exec(stdout) ?? []
    expect(readFileSync(savedAs)).toHaveLength(20)
    expect(stdout).toContain('the last record is 5')
    expect((await cupolaHere(['journal', 'repair', folder])).stdout).toBe(
      'nothing had to be taken out\nthe last record is 5\n',
    )
  })

  it('does not repair more than it is told to', async () => {
    const folder = temporaryFolder()
    const [, second = ''] = await journalIn(folder)
    spoil(second, 65)

    const { stdout, stderr, exitCode } = await cupolaHere(['journal', 'repair', folder])

    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
    expect(stderr).toContain('record 5 is damaged, at byte 61')
  })

  it('prints one JSON document if asked to', async () => {
    const folder = temporaryFolder()
    const [first = ''] = await journalIn(folder)
    const documents: unknown[] = []

    for (const what of ['ls', 'verify', 'repair']) {
      const { stdout } = await cupolaHere(['journal', what, folder, '--json'])
      documents.push(JSON.parse(stdout))
    }

    const segment = { path: first, firstId: '1', records: 3, bytes: 111 }
    expect(documents).toEqual([
      { segments: [{ ...segment, flawed: false }, expect.anything()] },
      { segments: [segment, expect.anything()], findings: [] },
      { removed: [], lastId: '6' },
    ])
  })

  it('ends without a word when nobody reads on', async () => {
    const folder = temporaryFolder()
    const journal = await Journal.open(folder)
    const payload = Buffer.alloc(1000, 'x')
    await journal.appendMany(Array.from({ length: 5000 }, () => ({ payload })))
    await journal.close()

    const child = startCupola(['journal', 'cat', folder])
    child.stdout?.once('data', () => child.stdout?.destroy())
    const [stderr, [exitCode]] = await Promise.all([
      child.stderr && textOf(child.stderr),
      once(child, 'close'),
    ])

    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 })
  })

  it('repairs by salvage', async () => {
    const folder = temporaryFolder()
    const [first = ''] = await journalIn(folder)
    spoil(first, 70)

    const { stdout, exitCode } = await cupolaHere([
      'journal',
      'repair',
      folder,
      '--mode',
      'salvage',
    ])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('took out 111 bytes, kept in')
    expect((await cupolaHere(['journal', 'cat', folder])).stdout.split('\n')).toHaveLength(6)
    expect((await cupolaHere(['journal', 'verify', folder])).exitCode).toBe(0)
  })

  it.each(['cat', 'repair'])(
    'ends with 2 for a folder without a journal, and leaves it as it is: %s',
    async (what) => {
      const folder = temporaryFolder()

      const { stdout, stderr, exitCode } = await cupolaHere(['journal', what, folder])

      expect({ stdout, stderr, exitCode }).toEqual({
        stdout: '',
        stderr: `error: Cannot find a journal in "${folder}": it has no segments\n`,
        exitCode: 2,
      })
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it.each([
    ['a directory that is not there', ['verify', '/no/such/folder'], 'that is there'],
    ['an id that is none', ['cat', '/', '--from', 'x'], 'a whole number'],
    ['an unknown mode', ['repair', '/', '--mode', 'all'], 'Allowed choices'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { stderr, exitCode } = await cupolaHere(['journal', ...args])

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })
})
