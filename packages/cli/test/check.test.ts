import { once } from 'node:events'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { CUPOLA, cupola, run, startCupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('cupola digest --check', () => {
  it('ends with 0 when all is as it was', async () => {
    const { folder, manifest } = await digested({ a: 'a', 'in/b': 'b' })

    const { stdout, stderr, exitCode } = await cupola(['digest', folder, '--check', manifest])

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/OK +2\nFAILED +0\nMissing +0\nUnreadable +0\n/)
    expect(stderr).toBe('')
  })

  it('names what has changed or is gone, and ends with 1', async () => {
    const { folder, manifest } = await digested({ same: '1', changed: '2', gone: '3' })
    writeFileSync(join(folder, 'changed'), 'x')
    rmSync(join(folder, 'gone'))

    const { stdout, stderr, exitCode } = await cupola(['digest', folder, '--check', manifest])

    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/OK +1\nFAILED +1\nMissing +1\nUnreadable +0\n/)
    expect(stderr.split('\n').sort()).toEqual([
      '',
      'changed: FAILED',
      'gone: FAILED no such file or directory',
    ])
  })

  it('counts what was below a folder that is a file now as missing', async () => {
    const { folder, manifest } = await digested({ 'in/a': '1' })
    rmSync(join(folder, 'in'), { recursive: true })
    writeFileSync(join(folder, 'in'), '')

    const { stdout, exitCode } = await cupola(['digest', folder, '--check', manifest, '--json'])

    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ missing: 1, unreadable: 0 })
  })

  it('tells in its JSON document that it was interrupted', async () => {
    const { folder, manifest } = await digested({ absent: '1' })
    rmSync(join(folder, 'absent'))
    const lines = readFileSync(manifest, 'utf8')
    const child = startCupola(['digest', folder, '--json', '--check', '-'])
    const { stdin, stdout, stderr } = child
    if (stdin === null || stdout === null || stderr === null) throw new Error('has no pipes')
    // A whole batch: it is checked, and standard input stays open.
    stdin.write(lines.repeat(64))
    await once(stderr, 'data')

    const printed = text(stdout)
    const exit = once(child, 'exit')
    child.kill('SIGINT')

    expect(await exit).toEqual([130, null])
    expect(JSON.parse(await printed)).toEqual({ error: 'interrupted by SIGINT' })
  })

  it('reads the manifest from standard input', async () => {
    const { folder, manifest } = await digested({ file: '1' })
    const script = `exec "$@" < '${manifest}'`

    const { exitCode } = await run('sh', ['-c', script, ...commandLine(folder, '-')])

    expect(exitCode).toBe(0)
  })

  it('follows links, as coreutils does', async () => {
    const { folder, manifest } = await digested({ file: '1' })
    rmSync(join(folder, 'file'))
    writeFileSync(join(folder, 'other'), '1')
    symlinkSync('other', join(folder, 'file'))

    const { exitCode } = await cupola(['digest', folder, '--check', manifest])

    expect(exitCode).toBe(0)
  })

  it('does not wait for the writer of a FIFO', async () => {
    const { folder, manifest } = await digested({ file: '1' })
    rmSync(join(folder, 'file'))
    await run('mkfifo', [join(folder, 'file')])

    const { stderr, exitCode } = await cupola(['digest', folder, '--check', manifest])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('file: FAILED is a FIFO\n')
  })

  it('counts lines that say nothing, and warns', async () => {
    const { folder, manifest } = await digested({ file: '1' })
    const lines = ['nonsense', '', `${'0'.repeat(40)}  file`, '# a comment', '']
    writeFileSync(manifest, lines.join('\n'), { flag: 'a' })

    const { stdout, stderr, exitCode } = await cupola([
      'digest',
      folder,
      '--check',
      manifest,
      '--json',
    ])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: 1, malformedLines: 3 })
    expect(stderr).toBe('warning: 3 lines are no sha256 digest with a path\n')
  })

  it('ends with 1 if there is nothing to check', async () => {
    const manifest = join(temporaryFolder(), 'manifest')
    writeFileSync(manifest, 'nonsense\n')

    const { stderr, exitCode } = await cupola(['digest', temporaryFolder(), '--check', manifest])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('error: no line with a sha256 digest was found\n')
  })

  it('ends with 2 if there is no such manifest', async () => {
    const folder = temporaryFolder()

    const { stderr, exitCode } = await cupola(['digest', folder, '--check', join(folder, 'none')])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('it is not there')
  })

  it('checks large files as well, and finds one wrong byte', async () => {
    const content = Buffer.alloc(3 << 20, 'x')
    const { folder, manifest } = await digested({ large: content, small: 's' })
    content[2 << 20] = 0
    writeFileSync(join(folder, 'large'), content)

    const { stderr, exitCode } = await cupola(['digest', folder, '--check', manifest])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('large: FAILED\n')
  })
})

async function digested(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ folder: string; manifest: string }> {
  const folder = tree(files)
  const manifest = join(temporaryFolder(), 'manifest')
  await cupola(['digest', folder, '--output', manifest])
  return { folder, manifest }
}

function commandLine(folder: string, manifest: string): string[] {
  return ['sh', process.execPath, ...CUPOLA, 'digest', folder, '--check', manifest]
}
