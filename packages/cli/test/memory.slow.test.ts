import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CUPOLA, run, startCupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const TELL_MEMORY = fileURLToPath(new URL('./fixtures/tell-memory.mjs', import.meta.url))
const MOST_BYTES = 300e6

describe('cupola digest', () => {
  it('uses less than 300 MB for 300,000 files, from the first run to a resumed one', async () => {
    const folder = wideTree(300, 1000)
    const output = join(temporaryFolder(), 'manifest')

    const whole = await memoryOf(['digest', folder, '--output', output])
    rmSync(output)
    await killedLate(folder, output)
    const resumed = await memoryOf(['digest', folder, '--output', output, '--resume', '--json'])

    expect(readFileSync(output, 'latin1').split('\n')).toHaveLength(300_001)
    console.log(`300,000 files: ${whole / 1e6} MB, resumed ${resumed / 1e6} MB`)
    expect(whole).toBeLessThan(MOST_BYTES)
    expect(resumed).toBeLessThan(MOST_BYTES)
  })

  it('uses less than 300 MB for 50,000 files in one folder', async () => {
    const folder = wideTree(1, 50_000)

    const bytes = await memoryOf(['digest', folder])

    console.log(`50,000 files in one folder: ${bytes / 1e6} MB`)
    expect(bytes).toBeLessThan(MOST_BYTES)
  })
})

/** Folders of files; every content occurs a few times. */
function wideTree(folders: number, files: number): string {
  const root = temporaryFolder()
  for (let folder = 0; folder < folders; folder++) {
    const path = join(root, `a folder with the number ${folder}`)
    mkdirSync(path)
    for (let file = 0; file < files; file++) {
      writeFileSync(join(path, `a file of that folder with the number ${file}.txt`), `${file}`)
    }
  }
  return root
}

/** A run that was killed when its journal had most files. */
async function killedLate(folder: string, output: string): Promise<void> {
  const child = startCupola(['digest', folder, '--output', output], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const journal = `${output}.journal`
  while ((statSync(journal, { throwIfNoEntry: false })?.size ?? 0) < 30e6) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  child.kill('SIGKILL')
  await exited
}

/** The most bytes that a run had in memory. */
async function memoryOf(args: readonly string[]): Promise<number> {
  const file = join(temporaryFolder(), 'memory')
  const { exitCode } = await run(process.execPath, ['--import', TELL_MEMORY, ...CUPOLA, ...args], {
    env: { ...process.env, MEMORY_FILE: file },
  })
  expect(exitCode).toBe(0)
  return Number(readFileSync(file, 'utf8'))
}
