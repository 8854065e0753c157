import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FROM_SOURCE, run } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const HASH_FILES = fileURLToPath(new URL('./fixtures/hash-files.ts', import.meta.url))

describe('hashFiles(), where something else has taken the place of a file', () => {
  it('neither waits for it nor follows it, and names it', async () => {
    const folder = temporaryFolder()
    await run('mkfifo', [join(folder, 'fifo')])
    await listen(join(folder, 'socket'))
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'file'), '')
    symlinkSync('file', join(folder, 'link'))
    symlinkSync('nowhere', join(folder, 'broken'))
    const names = ['fifo', 'socket', 'folder', 'file', 'link', 'broken', 'missing']

    const args = [...FROM_SOURCE, HASH_FILES, folder, ...names]
    const { stdout } = await run(process.execPath, args)

    expect(JSON.parse(stdout)).toEqual([
      { kind: 'skipped', path: 'fifo', what: 'FIFO' },
      { kind: 'skipped', path: 'socket', what: 'socket' },
      { kind: 'error', path: 'folder', reason: 'is a folder' },
      { kind: 'skipped', path: 'link', what: 'symbolic link' },
      { kind: 'skipped', path: 'broken', what: 'broken symbolic link' },
      { kind: 'error', path: 'missing', reason: 'no such file or directory' },
    ])
  })
})

async function listen(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
}
