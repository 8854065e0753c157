import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cupola, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

describe('cupola digest', () => {
  it('skips what is no file, and names its kind', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), 'content')
    await run('mkfifo', [join(folder, 'fifo')])
    await listen(join(folder, 'socket'))

    const { stdout, stderr, exitCode } = await cupola(['digest', folder, '--json'])

    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ files: 1, skipped: { FIFO: 1, socket: 1 } })
    expect(stderr.split('\n').sort()).toEqual(['', 'skipped fifo: FIFO', 'skipped socket: socket'])
  })

  it('does not follow links, and names those that lead nowhere', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), 'content')
    symlinkSync('file', join(folder, 'to file'))
    symlinkSync('.', join(folder, 'to the folder itself'))
    symlinkSync('nowhere', join(folder, 'broken'))
    symlinkSync('loop 2', join(folder, 'loop 1'))
    symlinkSync('loop 1', join(folder, 'loop 2'))

    const { stdout, exitCode } = await cupola(['digest', folder, '--json'])

    const { files, skipped, problems } = JSON.parse(stdout)
    expect(exitCode).toBe(0)
    expect(files).toBe(1)
    expect(skipped).toEqual({
      'symbolic link': 2,
      'broken symbolic link': 1,
      'symbolic link loop': 2,
    })
    expect(problems).toHaveLength(3)
    expect(problems).toContainEqual({
      kind: 'skipped',
      path: 'broken',
      reason: 'broken symbolic link',
    })
  })

  it('takes a link to a folder as its argument', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real', 'file'), 'content')
    symlinkSync('real', join(folder, 'link'))

    const { stdout } = await cupola(['digest', join(folder, 'link'), '--json'])

    expect(JSON.parse(stdout)).toMatchObject({ files: 1, skipped: {} })
  })

  it('finds nothing in empty folders', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty/in/empty'), { recursive: true })

    const { bytes, stderr, exitCode } = await cupola(['digest', folder, '--output', '-'])

    expect(exitCode).toBe(0)
    expect(bytes).toHaveLength(0)
    expect(stderr).toContain('0 files, 0 bytes')
  })
})

async function listen(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
}
