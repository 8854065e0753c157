// Finds the largest files below a folder, with 16 of them being looked at at any time and no list of
// all in memory: `node largest-files.ts [folder] [how many]`.
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from '@cupola/pipeline'

interface File {
  readonly path: string
  readonly bytes: number
}

const [folder = '.', howMany = '5'] = process.argv.slice(2)
let largest: readonly File[] = []

const { read, items, elapsedMs } = await pipeline(await opendir(folder, { recursive: true }))
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .map(sizeOf, { concurrency: 16, ordered: false })
  .forEach((file) => {
    largest = [...largest, file].sort((one, other) => other.bytes - one.bytes)
    largest = largest.slice(0, Number(howMany))
  })

for (const { path, bytes } of largest) console.log(String(bytes).padStart(12), path)
console.log(`${items} files among ${read} entries, ${elapsedMs.toFixed(0)} ms`)

async function sizeOf(path: string): Promise<File> {
  const { size } = await stat(path)
  return { path, bytes: size }
}
