import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { BrokenError } from '@cupola/core'

/** The bits of open(2)'s flags that are not zero for a descriptor that can write. */
const WRITES = 0o3

/**
 * Which of these files a process has open for writing, by what Linux says in `/proc/<pid>/fd`.
 * Only processes of the same user can be looked into, all of them by root. A file that is mapped into
 * memory and whose descriptor is closed does not count.
 */
export async function openForWriting(paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (process.platform !== 'linux') {
    throw new BrokenError(
      'tell whether a file is closed',
      'only Linux says which processes have it open; use "stable" elsewhere',
    )
  }
  const named = new Map<string, string>()
  for (const path of paths) named.set(await realpath(path).catch(() => path), path)
  const open = new Set<string>()
  const entries = await readdir('/proc')
  const processes = entries.filter((name) => /^\d+$/.test(name))
  await Promise.all(
    processes.map(async (pid) => {
      for (const path of await writtenBy(pid, named)) open.add(path)
    }),
  )
  return open
}

/** The files among `named` that one process has open for writing. */
async function writtenBy(pid: string, named: ReadonlyMap<string, string>): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const written = await Promise.all(
    descriptors.map(async (descriptor) => {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      const path = named.get(target)
      if (path === undefined || !(await canWrite(pid, descriptor))) return []
      return [path]
    }),
  )
  return written.flat()
}

async function canWrite(pid: string, descriptor: string): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8').catch(() => '')
  const flags = /^flags:\s*(?<flags>\d+)/m.exec(info)?.groups?.['flags'] ?? '0'
  return (Number.parseInt(flags, 8) & WRITES) !== 0
}
