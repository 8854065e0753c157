import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CUPOLA, cupola, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

/** Each also becomes the name of a folder. */
const NAMES = [
  ' leading and trailing ',
  '-dash',
  '--check',
  '.hidden',
  'a\nb',
  '\n',
  'back\\slash',
  '\\n',
  'carriage\rreturn',
  'tab\there',
  'né 🐀 日本語',
  'line\u2028separator',
  '*.[a-z]{1,2}!(x)',
  '"quoted\'',
  '�',
  Buffer.from([0x62, 0x61, 0x64, 0xff]),
  Buffer.from([0xc3, 0x0a, 0x28, 0x5c]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf0, 0x9f, 0x90]),
]

describe('cupola digest', () => {
  it('writes the same bytes as coreutils, whatever the names', async () => {
    const folder = oddTree()

    const { bytes, exitCode } = await cupola(['digest', folder, '--output', '-'])

    expect(exitCode).toBe(0)
    expect(bytes.equals(await sha256sumOf(folder))).toBe(true)
  })

  it('checks those names itself', async () => {
    const folder = oddTree()
    const manifest = join(temporaryFolder(), 'manifest')
    await cupola(['digest', folder, '--output', manifest])

    const { stdout, exitCode } = await cupola(['digest', folder, '--check', manifest, '--json'])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: 2 * NAMES.length, failed: 0, missing: 0 })
  })

  it('checks what coreutils wrote, with tags and without', async () => {
    const folder = oddTree()
    const manifest = join(temporaryFolder(), 'manifest')
    const tagged = await sha256sumOf(folder, '--tag')
    writeFileSync(manifest, Buffer.concat([await sha256sumOf(folder, '--binary'), tagged]))

    const { stdout } = await cupola(['digest', folder, '--check', manifest, '--json'])

    expect(JSON.parse(stdout)).toMatchObject({ ok: 4 * NAMES.length, malformedLines: 0 })
  })

  it('works in a folder whose name is no text, and leaves its own output out', async () => {
    const folder = temporaryFolder()
    mkdirSync(below(folder, Buffer.from([0xff])))
    const script = 'cd * && echo 1 >file && "$@" -o own && "$@" -o own && cat own'
    const command = [process.execPath, ...CUPOLA, 'digest']

    const { stdout, stderr } = await run('sh', ['-c', script, 'sh', ...command], { cwd: folder })

    expect(stderr).toBe('')
    expect(stdout).toMatch(/\n[0-9a-f]{64} {2}file\n$/)
  })

  it('prints names of errors without their control characters', async () => {
    const folder = temporaryFolder()
    await run('mkfifo', ['pipe\n\u001B[31mred'], { cwd: folder })

    const { stderr } = await cupola(['digest', folder])

    expect(stderr).toBe('skipped pipe\\n\\x1b[31mred: FIFO\n')
  })
})

describe('cupola digest --ignore', () => {
  it('leaves out names with line breaks', async () => {
    const folder = temporaryFolder()
    for (const name of ['keep', 'a\nb', 'a\nc']) writeFileSync(join(folder, name), '')

    const { stdout } = await cupola(['digest', folder, '--ignore', 'a\n*', '--json'])

    expect(JSON.parse(stdout)).toMatchObject({ files: 1 })
  })
})

/** A file of each name, and one in a folder of each name. */
function oddTree(): string {
  const folder = temporaryFolder()
  for (const [index, name] of NAMES.entries()) {
    writeFileSync(below(folder, name), `content ${index}`)
    const inner = below(folder, Buffer.concat([Buffer.from('in '), Buffer.from(name)]))
    mkdirSync(inner)
    writeFileSync(Buffer.concat([inner, Buffer.from('/'), Buffer.from(name)]), '')
  }
  return folder
}

function below(folder: string, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)])
}

/** What `sha256sum` writes for all files, in the order of the bytes of their paths. */
async function sha256sumOf(folder: string, option = '--text'): Promise<Buffer> {
  const script = `find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum "${option}" --`
  const { bytes, exitCode } = await run('sh', ['-c', script], { cwd: folder })
  expect(exitCode).toBe(0)
  return bytes
}
