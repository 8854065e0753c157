import type { Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { BrokenError } from '@cupola/core'
import { inParallel } from '../in-parallel.ts'
import { hiddenAs } from '../system-errors.ts'

/** The bits of open(2)'s flags that are not zero for a descriptor that can write. */
const WRITES = 0o3

/** Which file it is, whatever its names. */
export function identityOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`
}

/**
 * Which of these files, by their identity, a process has open for writing, by what Linux says in
 * `/proc/<pid>/fd`. Only processes of the same user can be looked into, all of them by root. A file
 * that is mapped into memory and whose descriptor is closed does not count.
 *
 * @throws What the system says if it does not let us look.
 */
export async function openForWriting(
  identities: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (process.platform !== 'linux') {
    throw new BrokenError(
      'tell whether a file is closed',
      'only Linux says which processes have it open; use "stable" elsewhere',
    )
  }
  const entries = await readdir('/proc')
  const processes = entries.filter((name) => /^\d+$/.test(name))
  const written = await inParallel(processes, async (pid) => await writtenBy(pid, identities))
  return new Set(written.flat())
}

/** The files among those meant that one process has open for writing. */
async function writtenBy(pid: string, identities: ReadonlySet<string>): Promise<string[]> {
  const folder = `/proc/${pid}/fd`
  const written: string[] = []
  for (const descriptor of await readdir(folder).catch(hiddenAs([]))) {
    const stats = await stat(`${folder}/${descriptor}`).catch(hiddenAs(undefined))
    const identity = stats === undefined ? '' : identityOf(stats)
    if (identities.has(identity) && (await canWrite(pid, descriptor))) written.push(identity)
  }
  return written
}

async function canWrite(pid: string, descriptor: string): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8').catch(hiddenAs(''))
  const flags = /^flags:\s*(?<flags>\d+)/m.exec(info)?.groups?.['flags'] ?? '0'
  return (Number.parseInt(flags, 8) & WRITES) !== 0
}
