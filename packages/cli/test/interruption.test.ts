import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cupola, ended, startCupola } from './fixtures/command.ts'
import { pathsInJournal } from './fixtures/records.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

/** Zeros that take no place, and longer to hash than any test may last. */
const ENDLESS_BYTES = 2 ** 42

describe('cupola digest, interrupted', () => {
  it('ends by itself with 130 in the middle of a file, and saves what is done', async () => {
    const folder = endlessTree()
    const output = join(temporaryFolder(), 'manifest')
    const child = startCupola(['digest', folder, '--output', output])
    await whenJournaled(child, `${output}.journal`)

    child.kill('SIGINT')
    const { exitCode, signal, stderr } = await ended(child)

    expect({ exitCode, signal }).toEqual({ exitCode: 130, signal: null })
    expect(stderr).toContain(`What is done is saved in ${output}.journal`)
    expect(stderr).toContain('with --resume to go on')
    expect(pathsInJournal(`${output}.journal`)).toEqual(['small'])
    expect(existsSync(output)).toBe(false)
    expect(readdirSync(dirname(output))).toEqual(['manifest.journal'])
  })

  it('goes on with --resume', async () => {
    const folder = endlessTree()
    const output = join(temporaryFolder(), 'manifest')
    const child = startCupola(['digest', folder, '--output', output])
    await whenJournaled(child, `${output}.journal`)
    child.kill('SIGINT')
    await ended(child)
    truncateSync(join(folder, 'endless'), 1)

    const { stdout } = await cupola(['digest', folder, '--output', output, '--resume', '--json'])

    expect(JSON.parse(stdout)).toMatchObject({ files: 2, hashed: 1, resumed: 1 })
  })

  it('ends with 143 on SIGTERM, and says how to be resumable', async () => {
    const output = join(temporaryFolder(), 'manifest')
    const child = startCupola(['digest', endlessTree(), '--output', output, '--json'])
    await whenJournaled(child, `${output}.journal`)

    child.kill('SIGTERM')
    const { exitCode, stdout } = await ended(child)

    expect(exitCode).toBe(143)
    expect(JSON.parse(stdout)).toEqual({ duplicateGroups: [], error: 'interrupted by SIGTERM' })
  })
})

function endlessTree(): string {
  const folder = tree({ small: 'small' })
  writeFileSync(join(folder, 'endless'), '')
  truncateSync(join(folder, 'endless'), ENDLESS_BYTES)
  return folder
}

/** Waits until something is in the journal. */
async function whenJournaled(child: ChildProcess, journal: string): Promise<void> {
  while (
    child.exitCode === null &&
    (!existsSync(journal) || pathsInJournal(journal).length === 0)
  ) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
