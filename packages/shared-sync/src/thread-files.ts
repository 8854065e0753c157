import { readFileSync, readlinkSync } from 'node:fs'
import type { Liveness } from './liveness.ts'

/** The last is what the permission model of Node.js says. */
const NO_LIST = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ERR_ACCESS_DENIED']

/** ESRCH: it went while the file was read. */
const GONE = ['ENOENT', 'ESRCH']

/**
 * Linux: the kernel's own list of the threads of this process, which can be read without the event
 * loop, so by a thread that is blocked. Where there is no such list, or reading it is not permitted,
 * no thread has an identity and none is ever said to have ended. Whatever else keeps a thread from
 * reading it is thrown: a thread without identity among others that have one would be forgotten.
 */
export const threadFiles: Liveness = {
  self() {
    try {
      const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
      return { thread, start: startOf(thread) }
    } catch (error) {
      if (!isOneOf(error, NO_LIST)) throw error
      return { thread: 0, start: 0 }
    }
  },

  hasEnded({ thread, start }) {
    if (thread === 0) return false
    try {
      // Numbers are used again: the thread that has it now need not be the one we mean.
      const current = startOf(thread)
      return start !== 0 && current !== start
    } catch (error) {
      return isOneOf(error, GONE)
    }
  },

  // The `performance.now()` of each thread counts from the start of that thread.
  now() {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1_000_000
  },
}

/** When the thread that has this number now started, in ticks of the kernel that fit into a word. */
function startOf(thread: number): number {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
  // The second field is the thread's name in brackets, which may hold anything; the 22nd is meant.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return 1 + (ticks % (2 ** 31 - 1))
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
