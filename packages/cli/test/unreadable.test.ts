import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CUPOLA, cupola, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

/** Root reads everything: run as somebody else then, by setpriv(1). */
const SETPRIV = 'setpriv'
const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups']
const isRoot = process.getuid?.() === 0
const canDropPrivileges =
  !isRoot || spawnSync(SETPRIV, [...AS_NOBODY, process.execPath, '--version']).status === 0

if (!canDropPrivileges) console.warn('SKIPPED: root cannot become nobody here, see setpriv(1)')

describe.runIf(canDropPrivileges)('cupola digest, where something cannot be read', () => {
  it('tells it, leaves it out, does the rest, and ends with 1', async () => {
    const folder = tree({ good: 'good', secret: 'secret', 'closed/inner': 'inner' })
    chmodSync(join(folder, 'secret'), 0)
    chmodSync(join(folder, 'closed'), 0)

    const { stdout, stderr, exitCode } = await cupolaAsNobody(['digest', folder, '--output', '-'])

    chmodSync(join(folder, 'closed'), 0o700)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}good\n$/)
    expect(stderr).toContain('error secret: permission denied\n')
    expect(stderr).toContain('error closed: permission denied\n')
    expect(stderr).toContain('2 files or folders could not be read')
  })

  it('keeps the journal, so that only what failed is read again', async () => {
    const folder = tree({ good: 'good', secret: 'secret' })
    const output = join(temporaryFolder(), 'manifest')
    chmodSync(join(output, '..'), 0o777)
    chmodSync(join(folder, 'secret'), 0)
    await cupolaAsNobody(['digest', folder, '--output', output])
    chmodSync(join(folder, 'secret'), 0o644)

    const args = ['digest', folder, '--output', output, '--resume', '--json']
    const { stdout, exitCode } = await cupolaAsNobody(args)

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ files: 2, hashed: 1, resumed: 1, errors: 0 })
  })
})

describe('cupola digest --check, where something cannot be read', () => {
  it('counts it and ends with 1', async () => {
    const folder = tree({ manifest: `${'0'.repeat(64)}  folder\n`, 'folder/x': '' })

    const { stdout, exitCode } = await cupola([
      'digest',
      folder,
      '--json',
      '--check',
      join(folder, 'manifest'),
    ])

    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      unreadable: 1,
      failures: [{ path: 'folder', problem: 'FAILED is a folder' }],
    })
  })
})

function cupolaAsNobody(args: readonly string[]): ReturnType<typeof cupola> {
  // Where the tree is, its parents are private to whoever runs the tests.
  if (!isRoot) return cupola(args)
  const folder = args[1] ?? ''
  chmodSync(join(folder, '..'), 0o755)
  chmodSync(folder, 0o755)
  return run(SETPRIV, [...AS_NOBODY, process.execPath, ...CUPOLA, ...args])
}
