import { mkdirSync, readdir, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Walk } from '../src/digest/walk.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const FOLDERS = 100
const FILES = 20

describe('Walk.batches()', () => {
  it('hands out every file once', async () => {
    const walk = walkOf(wideTree(), 50)
    const files: string[] = []

    for await (const batch of walk.batches(new AbortController().signal)) files.push(...batch.files)

    expect(new Set(files).size).toBe(FOLDERS * FILES)
    expect(files).toHaveLength(FOLDERS * FILES)
  })

  it('reads no further folder while enough entries wait', async () => {
    const folder = wideTree()
    const walk = walkOf(folder, 50)
    const batches = walk.batches(new AbortController().signal)

    await batches.next()
    await timeForFolders(folder)

    // Enough, one batch, and the folders that were being read when it was enough.
    expect(walk.found).toBeLessThan(FOLDERS * FILES * 0.3)
    await batches.return(undefined)
  })

  it('ends when its signal aborts', async () => {
    const controller = new AbortController()
    const batches = walkOf(wideTree(), 50).batches(controller.signal)
    await batches.next()

    controller.abort()

    expect(await batches.next()).toEqual({ done: true, value: undefined })
  })
})

function walkOf(folder: string, enough: number): Walk {
  return new Walk(folder, { ignore: [], exclude: () => false, onProblem: () => {}, enough })
}

function wideTree(): string {
  const root = temporaryFolder()
  for (let folder = 0; folder < FOLDERS; folder++) {
    mkdirSync(join(root, `${folder}`))
    for (let file = 0; file < FILES; file++) writeFileSync(join(root, `${folder}`, `${file}`), '')
  }
  return root
}

/** As long as it takes to read the folders of the tree one after the other, twice. */
async function timeForFolders(root: string): Promise<void> {
  const read = promisify(readdir)
  for (let folder = 0; folder < 2 * FOLDERS; folder++) await read(join(root, `${folder % FOLDERS}`))
}
