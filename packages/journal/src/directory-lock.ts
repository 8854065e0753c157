import { constants } from 'node:fs'
import { link, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import type { DirectoryLock } from './file-system.ts'

/** Who holds a lock. A number alone would not do: the next process may get the same. */
interface Holder {
  readonly pid: number
  /** When the process started, in the kernel's ticks; `''` where that is not to be had cheaply. */
  readonly started: string
  /** Which boot of the machine it was; `''` where that is not to be had. */
  readonly boot: string
  /** Whose numbers `pid` counts in: a container has its own. */
  readonly namespace: string
  readonly host: string
}

/**
 * Takes the one right to write in a directory: a file `lock` that says who has it, and that the next
 * one takes over if that process is gone.
 *
 * It is made under another name and linked, so that nobody ever sees it half written. Not for
 * directories that several machines share: whether the process of another machine lives cannot be
 * known, so its lock is respected for ever.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock')
  const mine = JSON.stringify(await thisProcess())
  const temporary = `${path}-${randomBytes(6).toString('hex')}.temp`
  // On disk before it has its name: one that is empty after a power cut would have to be respected.
  await writeFile(temporary, mine, { flag: 'wx', flush: true })
  try {
    await take(path, temporary)
  } finally {
    await rm(temporary, { force: true })
  }
  await removeRemains(directory)
  return { release: () => giveBack(path, mine) }
}

/** Somebody else may have it, if the directory was removed meanwhile, and made again. */
async function giveBack(path: string, mine: string): Promise<void> {
  if ((await contentOf(path)) === mine) await rm(path, { force: true })
}

/**
 * Processes that were killed while they came for the lock leave a file each. They are in nobody's way:
 * what cannot be read, or removed, stays, and is no reason not to open the journal.
 */
async function removeRemains(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) {
    if (!TEMPORARY.test(name)) continue
    const path = join(directory, name)
    const holder = holderIn((await contentOf(path).catch(() => undefined)) ?? '')
    if (holder === undefined || (await mayLive(holder))) continue
    await rm(path, { force: true }).catch(() => {})
  }
}

const TEMPORARY = /^lock-.*\.temp$/

/** Links `mine` to `path`, or puts it in the place of what a dead process left there. */
async function take(path: string, mine: string): Promise<void> {
  for (;;) {
    try {
      return await link(mine, path)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    const theirs = await contentOf(path)
    if (theirs === undefined) continue
    const holder = holderIn(theirs)
    if (holder === undefined || (await mayLive(holder))) throw lockedError(path, holder)
    if (await takeOver(path, mine, theirs)) return
  }
}

/**
 * Replaces the lock of a dead process. Of several who found it dead only one may: the tempting "remove
 * it and try again" removes the lock that another has just taken. So there is a lock for this as well,
 * which may in turn be that of a process that died.
 */
async function takeOver(path: string, mine: string, dead: string): Promise<boolean> {
  const right = `${path}-takeover`
  await take(right, mine)
  try {
    if ((await contentOf(path)) !== dead) return false
    const copy = `${mine}-2.temp`
    await link(mine, copy)
    await rename(copy, path)
    return true
  } finally {
    await rm(right, { force: true })
  }
}

async function thisProcess(): Promise<Holder> {
  return {
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
    boot: await bootOf(),
    namespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
  }
}

/** Whether the process may be there: certainty that it is not is what it takes to say no. */
async function mayLive(holder: Holder): Promise<boolean> {
  const me = await thisProcess()
  if (holder.host !== me.host) return true
  if (holder.boot !== me.boot) return false
  if (holder.namespace !== me.namespace) return true
  if (!isRunning(holder.pid)) return false
  return holder.started === ((await startOf(holder.pid)) ?? '')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

/** The 22nd field of `/proc/<pid>/stat`, counted behind the name, which may contain anything. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await contentOf(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

async function bootOf(): Promise<string> {
  return (await contentOf('/proc/sys/kernel/random/boot_id'))?.trim() ?? ''
}

/** Does not wait for somebody to write, should it be a pipe by that name. */
const READ_NOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, { encoding: 'utf8', flag: READ_NOW })
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined
    throw error
  }
}

function holderIn(text: string): Holder | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by what follows
    const holder = JSON.parse(text) as Holder
    const isOne = Number.isInteger(holder.pid) && holder.pid > 0 && typeof holder.host === 'string'
    return isOne ? holder : undefined
  } catch {
    return undefined
  }
}

function lockedError(path: string, holder: Holder | undefined): BrokenError {
  const who = holder === undefined ? 'somebody' : `process ${holder.pid} on ${holder.host}`
  return new BrokenError(
    'open the journal for writing',
    `${who} has it open; if that is not so, remove "${path}"`,
  )
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
