import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CUPOLA, cupola, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('cupola', () => {
  it.each([
    ['an unknown option', ['digest', '--treads', '2'], 'Did you mean --threads?'],
    ['an unknown command', ['digset'], 'Did you mean digest?'],
    ['no command', [], 'Usage: cupola'],
    ['no threads', ['digest', '--threads', '0'], 'a whole number from 1 to 1024'],
    ['half a thread', ['digest', '--threads', '1.5'], 'a whole number from 1 to 1024'],
    ['a word for a number', ['digest', '--threads', 'two'], 'a whole number from 1 to 1024'],
    ['a folder that is missing', ['digest', '/no/such/folder'], 'it is not there'],
    ['a folder that is a file', ['digest', process.execPath], 'it is not a folder'],
    ['a manifest that is missing', ['digest', '-c', 'nothere'], 'check "nothere": it is not there'],
    ['a manifest that is a folder', ['digest', '--check', '/'], 'it is a folder'],
    ['an unknown algorithm', ['digest', '--algorithm', 'sha257'], 'crypto.getHashes()'],
    ['an empty glob', ['digest', '--ignore', ''], 'expected a glob'],
    ['two documents on one output', ['digest', '--json', '--output', '-'], 'Cannot print both'],
    ['what does not go together', ['digest', '--check', 'x', '--resume'], 'cannot be used with'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { stderr, stdout, exitCode } = await cupola(args)

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
  })

  it('tells its version', async () => {
    const { stdout, exitCode } = await cupola(['--version'])

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('helps with examples', async () => {
    const { stdout, exitCode } = await cupola(['digest', '--help'])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('$ cupola digest photos -o photos.sha256')
    expect(stdout).toContain('Exit codes:')
    expect(stdout).not.toContain('[]')
  })
})

describe('cupola digest', () => {
  it('lists duplicates, the most wasteful first', async () => {
    const folder = tree({
      'small 1': 'abc',
      'small 2': 'abc',
      'large 1': 'x'.repeat(2000),
      'large 2': 'x'.repeat(2000),
      'large 3': 'x'.repeat(2000),
      'empty 1': '',
      'empty 2': '',
    })

    const { stdout } = await cupola(['digest', folder])

    expect(stdout).toContain('3 superfluous copies of 2 files waste 4.00 kB')
    const [first, ...others] = stdout.split('\n').filter((line) => /large|small/.test(line))
    expect(first).toMatch(/^ +3 × 2.00 kB +large 1$/)
    expect(others.map((line) => line.trim())).toEqual([
      'large 2',
      'large 3',
      expect.stringMatching(/^2 × 3 bytes +small 1$/),
      'small 2',
    ])
  })

  it('leaves out what is ignored, at any depth', async () => {
    const folder = tree({
      a: '',
      'a.log': '',
      'in/b.log': '',
      'in/skip/c': '',
      'skip/d': '',
      'in/e': '',
    })

    const { stdout } = await cupola([
      'digest',
      folder,
      '--ignore',
      '*.log',
      '-i',
      'skip',
      '-i',
      '/in/e',
      '--output',
      '-',
    ])

    expect(stdout).toMatch(/^\S+ {2}a\n$/)
  })

  it('works in the current folder', async () => {
    const { stdout } = await cupola(['digest', '--output', '-'], { cwd: tree({ 'in/a': '' }) })

    expect(stdout).toMatch(/^\S+ {2}in\/a\n$/)
  })

  it('prints one JSON document and nothing else', async () => {
    const folder = tree({ a: 'same', b: 'same', c: 'same', d: 'two', e: 'two', f: 'one' })

    const { stdout, stderr, exitCode } = await cupola(['digest', folder, '--json'])

    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    const { duplicateGroups, ...report } = JSON.parse(stdout)
    expect(report).toMatchObject({
      folder,
      algorithm: 'sha256',
      files: 6,
      bytes: 21,
      hashed: 6,
      resumed: 0,
      duplicates: { groups: 2, files: 3, wastedBytes: 11 },
      skipped: {},
      errors: 0,
      problems: [],
    })
    const paths = duplicateGroups.map((group: { paths: string[] }) => group.paths)
    expect(paths.sort()).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
  })

  it('draws nothing and colors nothing where there is no terminal', async () => {
    const { stdout, stderr } = await cupola(['digest', tree({ a: 'a' })])

    expect(stdout).not.toContain('\u001B')
    expect(stderr).toBe('')
  })

  it('shows a bar in color on a terminal', async () => {
    const { stdout } = await onTerminal(['digest', tree({ a: 'a' })])

    expect(stdout).toContain('\u001B[?25l')
    expect(stdout).toContain('\u001B[?25h')
    expect(stdout).toContain('\u001B[1m1 file')
  })

  it('does not on a terminal with NO_COLOR', async () => {
    const { stdout } = await onTerminal(['digest', tree({ a: 'a' })], { NO_COLOR: '1' })

    expect(stdout).toContain('1 file, 1 byte')
    expect(stdout).not.toContain('\u001B')
  })

  it('says why standard output could not be written, and ends with 1', async () => {
    const script = '"$@" --output - >/dev/full'

    const { stderr, exitCode } = await run('sh', [
      '-c',
      script,
      'sh',
      ...nodeArguments(tree({ a: '' })),
    ])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('error: standard output: no space left on device\n')
  })

  it('does its work where nothing can be told on standard error', async () => {
    const folder = tree({ a: '' })
    await run('mkfifo', [join(folder, 'fifo')])
    const script = '"$@" --json 2>/dev/full'

    const { stdout, exitCode } = await run('sh', ['-c', script, 'sh', ...nodeArguments(folder)])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ files: 1, skipped: { FIFO: 1 } })
  })

  it('ends quietly when nobody reads on', async () => {
    const folder = temporaryFolder()
    const names = Array.from({ length: 3000 }, (_, index) => `${'long '.repeat(20)}${index}`)
    for (const name of names) writeFileSync(join(folder, name), '')
    const script = '"$@" --output - 2>/dev/null | head -n 1'

    const { stdout, stderr } = await run('sh', ['-c', script, 'sh', ...nodeArguments(folder)])

    expect(stdout).toMatch(/^\S{64} {2}long/)
    expect(stderr).toBe('')
  })
})

function nodeArguments(folder: string): string[] {
  return [process.execPath, ...CUPOLA, 'digest', folder]
}

/** Runs the command on a terminal of its own, by script(1). */
function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof run> {
  const words = [process.execPath, ...CUPOLA, ...args].map((word) => `'${word}'`)
  const { NO_COLOR: _, ...inherited } = process.env
  return run('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], {
    env: { ...inherited, TERM: 'xterm', ...env },
  })
}
