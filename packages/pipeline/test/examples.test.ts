import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const largestFiles = fileURLToPath(new URL('../examples/largest-files.ts', import.meta.url))

describe('examples/largest-files.ts', () => {
  it('prints the largest files of a folder', async () => {
    const folder = temporaryFolder()
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'small'), 'a')
    await writeFile(join(folder, 'large'), 'abc')
    await writeFile(join(folder, 'deep', 'middle'), 'ab')

    const args = [...process.execArgv, largestFiles, folder, '2']
    const { stdout } = await promisify(execFile)(process.execPath, args)

    expect(stdout.split('\n').map((line) => line.trim().split(' ')[0])).toEqual(['3', '2', '3', ''])
    expect(stdout).toContain('3 files among 4 entries')
  })
})
