// Keeps the metadata of files in a store, each edit on disk before it is acknowledged, and finds it again
// after the process has ended without a word.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Store } from '@cupola/journal'

interface Metadata {
  readonly owner: string
  readonly bytes: number
}

const [role = 'parent', given = ''] = process.argv.slice(2)
if (role === 'child') await editAndDie(given)
else await tellTheStory()

async function editAndDie(directory: string): Promise<void> {
  const files = await Store.open<string, Metadata>(directory)
  await files.set('/reports/may', { owner: 'ada', bytes: 1200 })
  await files.set('/reports/june', { owner: 'bob', bytes: 900 })
  await files.set('/reports/may', { owner: 'ada', bytes: 1450 })
  await files.delete('/reports/june')
  process.kill(process.pid, 'SIGKILL')
}

async function tellTheStory(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'metadata-'))
  const program = fileURLToPath(import.meta.url)
  const { signal } = spawnSync(process.execPath, [...process.execArgv, program, 'child', directory])
  const files = await Store.open<string, Metadata>(directory)
  console.log(`The editor ended by ${signal}, and left ${JSON.stringify([...files.entries()])}.`)
  await files.close()
  rmSync(directory, { recursive: true })
}
