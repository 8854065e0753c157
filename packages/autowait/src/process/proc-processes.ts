import { readdir, readFile, readlink } from 'node:fs/promises'
import { inParallel } from '../in-parallel.ts'
import { absentAs, hiddenAs } from '../system-errors.ts'
import { isAliveElsewhere } from './is-alive.ts'
import { type ProcessRecord, recordOf } from './process-query.ts'
import type { ProcessTable } from './process-table.ts'

/** States of proc(5) in which the main thread has ended: zombie, and dead in two spellings. */
const ENDED = ['Z', 'X', 'x']

/** Where in `/proc/<pid>/stat`, counted from behind the name, its fields are. */
const STATE = 0
const PARENT = 1
const THREADS = 17
const START_TIME = 19

/** What Linux appends to the path of an executable that was deleted or replaced. */
const DELETED = / \(deleted\)$/

/** The processes of Linux, as `/proc` has them. */
export class ProcProcesses implements ProcessTable {
  requireAnswerable(): void {}

  async find(pid: number): Promise<ProcessRecord | undefined> {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(absentAs(undefined))
    // Mounted with hidepid, /proc has only our own processes.
    if (status === undefined) return isAliveElsewhere(pid) ? hidden(pid) : undefined
    // Under the number of a thread it has that thread, though it does not list it.
    const isThread = !new RegExp(`^Tgid:\\s*${pid}$`, 'm').test(status)
    return isThread ? undefined : await read(pid)
  }

  async list(): Promise<readonly ProcessRecord[]> {
    const entries = await readdir('/proc')
    const pids = entries.filter((name) => /^\d+$/.test(name))
    const records = await inParallel(pids, async (pid) => await read(Number(pid)))
    return records.filter((record) => record !== undefined)
  }
}

async function read(pid: number): Promise<ProcessRecord | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absentAs(undefined))
  if (stat === undefined) return undefined
  // The name may have parentheses and spaces in it; nothing behind it has.
  const begin = stat.indexOf('(')
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  // The other threads of a process may go on without the main one.
  if (ENDED.includes(fields[STATE] ?? '') && Number(fields[THREADS]) <= 1) return undefined
  const [executable, cwd, cmdline] = await Promise.all([
    readlink(`/proc/${pid}/exe`).catch(hiddenAs(undefined)),
    readlink(`/proc/${pid}/cwd`).catch(hiddenAs(undefined)),
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(hiddenAs('')),
  ])
  // A process that has given itself a title leaves NULs behind it.
  const args = cmdline.replace(/\0+$/, '').split('\0')
  const info = {
    pid,
    parent: Number(fields[PARENT]),
    startTime: fields[START_TIME],
    name: stat.slice(begin + 1, end),
    path: executable?.replace(DELETED, ''),
    command: args.join(' '),
  }
  return recordOf(info, args, cwd)
}

function hidden(pid: number): ProcessRecord {
  const none = { parent: undefined, startTime: undefined, path: undefined, command: undefined }
  return recordOf({ ...none, pid, name: 'unknown' }, [], undefined)
}
