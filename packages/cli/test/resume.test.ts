import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { digest } from '@cupola/cli'
import { describe, expect, it } from 'vitest'
import { cupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('digest() with resume', () => {
  it('hashes only what is new or has changed', async () => {
    const { folder, output } = await interrupted({ same: '1', changed: '2', replaced: '3' })
    appendFileSync(join(folder, 'changed'), 'more')
    writeFileSync(join(folder, 'new'), '4')
    writeFileSync(join(folder, 'other'), '5')
    renameSync(join(folder, 'other'), join(folder, 'replaced'))

    const report = await digest(folder, { output, resume: true })

    expect(report).toMatchObject({ files: 4, hashed: 3, resumed: 1 })
  })

  it('forgets files that are gone', async () => {
    const { folder, output } = await interrupted({ stays: '1', goes: '2' })
    rmSync(join(folder, 'goes'))

    const report = await digest(folder, { output, resume: true })

    expect(report).toMatchObject({ files: 1, hashed: 0, resumed: 1 })
  })

  it('takes nothing from a journal without being asked to', async () => {
    const { folder, output } = await interrupted({ file: '1' })

    const report = await digest(folder, { output })

    expect(report).toMatchObject({ hashed: 1, resumed: 0 })
  })

  it('hashes anew when another run has ended and taken the journal away', async () => {
    const { folder, output } = await interrupted({ file: '1' })
    execFileSync('mkfifo', [join(folder, 'fifo')])
    // Told when the folder is read, and no file has been handed to a thread.
    const onProblem = () => rmSync(`${output}.journal`)

    const report = await digest(folder, { output, resume: true, onProblem })

    expect(report).toMatchObject({ files: 1, hashed: 1, resumed: 0 })
  })

  it('leaves no journal when all is well', async () => {
    const { folder, output } = await interrupted({ file: '1' })

    await digest(folder, { output, resume: true })

    expect(existsSync(output)).toBe(true)
    expect(existsSync(`${output}.journal`)).toBe(false)
  })
})

describe('cupola digest', () => {
  it('ends with 2 rather than to destroy a file that is named like its journal', async () => {
    const output = join(temporaryFolder(), 'day')
    writeFileSync(`${output}.journal`, 'dear diary')

    const { stderr, exitCode } = await cupola(['digest', tree({ a: '' }), '--output', output])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('the file is no journal of this command')
    expect(readFileSync(`${output}.journal`, 'utf8')).toBe('dear diary')
  })

  it('ends with 2 rather than to forget what was saved of another folder', async () => {
    const { output } = await interrupted({ file: '1' })
    const saved = readFileSync(`${output}.journal`)

    const { stderr, exitCode } = await cupola(['digest', tree({ a: '' }), '--output', output])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('delete the file if what it has saved is not needed')
    expect(readFileSync(`${output}.journal`)).toEqual(saved)
  })
})

describe('cupola digest --resume', () => {
  it('refuses the journal of another algorithm', async () => {
    const { folder, output } = await interrupted({ file: '1' })

    const { stderr, exitCode } = await cupola([
      'digest',
      folder,
      '--output',
      output,
      '--resume',
      '--algorithm',
      'md5',
    ])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('Cannot use the journal')
    expect(stderr).toContain('expected md5')
  })

  it('needs an output', async () => {
    const { stderr, exitCode } = await cupola(['digest', temporaryFolder(), '--resume'])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('Cannot resume: the journal is beside an output file')
  })
})

/** A run that was interrupted when it had done all files. */
async function interrupted(
  files: Readonly<Record<string, string>>,
): Promise<{ folder: string; output: string }> {
  const folder = tree({ ...files, twin: 'same', 'other twin': 'same' })
  const output = join(temporaryFolder(), 'manifest')
  const controller = new AbortController()
  // Duplicates are told when all files are done.
  const onDuplicate = () => controller.abort('enough')

  const run = digest(folder, { output, signal: controller.signal, onDuplicate })

  await expect(run).rejects.toBe('enough')
  for (const name of ['twin', 'other twin']) rmSync(join(folder, name))
  return { folder, output }
}
