import {
  existsSync,
  readdirSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manifestLine, parseLine } from '../src/digest/manifest.ts'
import { cupola, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('parseLine()', () => {
  it('reads every line that manifestLine() writes', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const path = Buffer.from(bytes).toString('latin1')
        const line = manifestLine(path, 'ab'.repeat(32))

        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(parseLine(line.slice(0, -1), 64)).toEqual({ path, digest: 'ab'.repeat(32) })
      }),
    ))

  it.each([
    ['the CR of a CRLF', `${'ab'.repeat(32)}  path\r`],
    ['the CR of a CRLF in BSD style', `SHA256 (path) = ${'ab'.repeat(32)}\r`],
    ['blanks in front', ` \t${'ab'.repeat(32)}  path`],
  ])('does not mind %s', (_, line) => {
    expect(parseLine(line, 64)).toEqual({ path: 'path', digest: 'ab'.repeat(32) })
  })

  it.each([
    ['nothing', ''],
    ['a digest alone', 'ab'.repeat(32)],
    ['a digest without a path', `${'ab'.repeat(32)}  `],
    ['a digest that is too short', `${'ab'.repeat(31)}  path`],
    ['a digest with a wrong digit', `${'ag'.repeat(32)}  path`],
    ['an escape that is none', `\\${'ab'.repeat(32)}  a\\tb`],
    ['an escape that is cut short', `\\${'ab'.repeat(32)}  a\\`],
  ])('refuses %s', (_, line) => {
    expect(parseLine(line, 64)).toBeUndefined()
  })
})

describe('cupola digest --output', () => {
  it.each(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])(
    'writes what %ssum checks',
    async (algorithm) => {
      const folder = tree({ b: 'b', 'in/a\nb': 'a' })
      const output = join(temporaryFolder(), 'manifest')
      await cupola(['digest', folder, '--output', output, '--algorithm', algorithm])

      const { stdout, exitCode } = await run(`${algorithm}sum`, ['--check', '--strict', output], {
        cwd: folder,
      })

      expect(exitCode).toBe(0)
      expect(stdout).toBe('b: OK\n\\in/a\\nb: OK\n')
    },
  )

  it('writes what b2sum checks', async () => {
    const folder = tree({ file: 'content' })
    const output = join(temporaryFolder(), 'manifest')
    await cupola(['digest', folder, '--output', output, '--algorithm', 'blake2b512'])

    const { exitCode } = await run('b2sum', ['--check', '--strict', output], { cwd: folder })

    expect(exitCode).toBe(0)
  })

  it('leaves the manifest and its companions out of the manifest', async () => {
    const folder = tree({ file: 'content', 'sub/manifest': 'not ours' })
    const output = join(folder, 'manifest')
    writeFileSync(output, 'earlier')
    writeFileSync(`${output}.journal`, 'cupola digest jour')
    writeFileSync(join(folder, '.0123456789abcdef.cupola-temp'), 'left over by a killed run')

    await cupola(['digest', folder, '--output', output])

    expect(readFileSync(output, 'utf8')).toMatch(/^\S+ {2}file\n\S+ {2}sub\/manifest\n$/)
    expect(existsSync(`${output}.journal`)).toBe(false)
  })

  it('leaves a file alone that is only named like a temporary file', async () => {
    const folder = tree({ 'manifest.temp': 'precious' })
    const output = join(folder, 'manifest')

    await cupola(['digest', folder, '--output', output])

    expect(readFileSync(`${output}.temp`, 'utf8')).toBe('precious')
    expect(readFileSync(output, 'utf8')).toMatch(/^\S+ {2}manifest\.temp\n$/)
    expect(readdirSync(folder).sort()).toEqual(['manifest', 'manifest.temp'])
  })

  it('sorts by the bytes of the paths', async () => {
    const folder = tree({ 'a/b': '', 'a!b': '', B: '', é: '', z: '' })

    const { stdout } = await cupola(['digest', folder, '--output', '-'])

    const paths = stdout.split('\n').map((line) => line.slice(66))
    expect(paths).toEqual(['B', 'a!b', 'a/b', 'z', 'é', ''])
  })

  it('tells how to check a folder whose name begins with a dash', async () => {
    const folder = tree({ '-n/a': '' })

    const { stdout } = await cupola(['digest', '--output', 'manifest', '--', '-n'], { cwd: folder })

    expect(stdout).toContain('(cd ./-n && ')
  })

  it('prints the report beside a manifest on standard output', async () => {
    const { stdout, stderr } = await cupola(['digest', tree({ a: 'a' }), '--output', '-'])

    expect(stdout).toMatch(/^\S+ {2}a\n$/)
    expect(stderr).toContain('1 file, 1 byte')
  })

  it.each([
    ['whose folder is missing', 'none/manifest', 'there is no folder'],
    ['that is a folder', 'folder', 'it is a folder'],
    ['that is a FIFO', 'fifo', 'it is a FIFO'],
    ['that is a symbolic link', 'link', 'it is a symbolic link'],
    ['that is a broken link', 'broken', 'it is a broken symbolic link'],
    ['that names no file', 'new/', 'it names no file'],
    ['that is a file named as a folder', 'target/', 'it names no file'],
    ['without a name', '', 'it names no file'],
  ])('refuses an output %s', async (_, path, message) => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'target'), 'precious')
    symlinkSync('target', join(folder, 'link'))
    symlinkSync('nowhere', join(folder, 'broken'))
    await run('mkfifo', [join(folder, 'fifo')])
    const before = readdirSync(folder)

    const { stderr, exitCode } = await cupola(['digest', '--output', path], { cwd: folder })

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(readdirSync(folder)).toEqual(before)
    expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('precious')
  })
})
