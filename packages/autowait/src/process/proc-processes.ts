import { readdir, readFile, readlink } from 'node:fs/promises'
import { isAliveElsewhere } from './is-alive.ts'
import { type ProcessRecord, recordOf } from './process-query.ts'
import type { ProcessTable } from './process-table.ts'

/** States of proc(5) in which a process has ended: zombie, and dead in two spellings. */
const ENDED = ['Z', 'X', 'x']

/** Where in `/proc/<pid>/stat`, counted from behind the name, state and start time are. */
const STATE = 0
const START_TIME = 19

/** What Linux appends to the path of an executable that was deleted or replaced. */
const DELETED = / \(deleted\)$/

/** The processes of Linux, as `/proc` has them. */
export class ProcProcesses implements ProcessTable {
  requireAnswerable(): void {}

  async find(pid: number): Promise<ProcessRecord | undefined> {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // Mounted with hidepid, /proc has only our own processes.
    if (stat === undefined)
      return isAliveElsewhere(pid) ? recordOf(hidden(pid), [], undefined) : undefined
    // The name may have parentheses and spaces in it; nothing behind it has.
    const begin = stat.indexOf('(')
    const end = stat.lastIndexOf(')')
    const fields = stat.slice(end + 2).split(' ')
    if (ENDED.includes(fields[STATE] ?? '')) return undefined
    const [executable, cwd, cmdline] = await Promise.all([
      readlink(`/proc/${pid}/exe`).catch(() => undefined),
      readlink(`/proc/${pid}/cwd`).catch(() => undefined),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ])
    const args = cmdline.split('\0').slice(0, -1)
    const info = {
      pid,
      startTime: fields[START_TIME],
      name: stat.slice(begin + 1, end),
      path: executable?.replace(DELETED, ''),
      command: args.join(' '),
    }
    return recordOf(info, args, cwd)
  }

  async list(): Promise<readonly ProcessRecord[]> {
    const entries = await readdir('/proc')
    const pids = entries.filter((name) => /^\d+$/.test(name))
    const records = await Promise.all(pids.map(async (pid) => await this.find(Number(pid))))
    return records.filter((record) => record !== undefined)
  }
}

function hidden(
  pid: number,
): Pick<ProcessRecord, 'pid' | 'startTime' | 'name' | 'path' | 'command'> {
  return { pid, startTime: undefined, name: 'unknown', path: undefined, command: undefined }
}
