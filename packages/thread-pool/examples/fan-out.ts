// Distributes a folder to many hosts, a few at a time, and collects what became of each. The hosts are
// local folders here; with `scp` in `copy-folder.ts` they would be machines.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { ThreadPool } from '@cupola/thread-pool'
import type * as CopyFolder from './copy-folder.ts'

const place = await mkdtemp(join(tmpdir(), 'fan-out-'))
const hosts = Array.from({ length: 8 }, (_, index) => join(place, `host${index + 1}`))
await cp(import.meta.dirname, join(place, 'release'), { recursive: true })
// One host is out of order: what should be a folder there is a file.
await writeFile(join(place, 'host5'), 'no folder')

const results: string[] = []
const pool = new ThreadPool<typeof CopyFolder>(new URL('./copy-folder.ts', import.meta.url), {
  minThreads: 2,
  maxThreads: 4,
})
for (const host of hosts) {
  const name = basename(host)
  void pool.run('copyFolder', [join(place, 'release'), host], {
    onSettled(outcome) {
      results.push(outcome.ok ? `${name}: ${outcome.value} files` : `${name}: failed`)
    },
  })
}
// Resolves when all have ended: there is nothing to sleep for.
await pool.close()

console.log(results.sort().join('\n'))
await rm(place, { recursive: true })
