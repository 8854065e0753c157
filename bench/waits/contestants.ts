import { watch } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitForFile, waitForText } from '@cupola/autowait'
import pWaitFor from 'p-wait-for'
import waitOn from 'wait-on'

/** Waits for something in a folder; resolves when it is noticed, rejects when `timeout` has passed. */
export interface Contestant {
  readonly name: string
  readonly settings: string
  wait(folder: string, path: string, timeout: number): Promise<unknown>
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

/** Looks, sleeps, looks again; gives up when it has slept so long, and does not look after that. */
export async function pollAsCup(
  look: () => Promise<boolean>,
  intervalMs: number,
  timeout: number,
): Promise<void> {
  for (let slept = 0; slept < timeout; slept += intervalMs) {
    if (await look()) return
    await sleep(intervalMs)
  }
  throw new Error('gave up')
}

/** The least there is: one watcher, and a look at each of its events. */
async function bareWatch(folder: string, path: string, timeout: number): Promise<void> {
  const watcher = watch(folder, { recursive: path.includes('/', folder.length + 1) })
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('gave up')), timeout)
      watcher.on('change', () => {
        void exists(path).then((there) => {
          if (!there) return
          clearTimeout(timer)
          resolve()
        })
      })
    })
  } finally {
    watcher.close()
  }
}

/** Who waits for a file to be there. */
export const fileWaiters: readonly Contestant[] = [
  { name: 'floor: fs.watch', settings: 'a look at each event', wait: bareWatch },
  {
    name: '@cupola/autowait',
    settings: 'as it is',
    wait: async (_, path, timeout) => await waitForFile(path, { timeout }),
  },
  {
    name: '@cupola/autowait, polling',
    settings: "mode: 'poll'",
    wait: async (_, path, timeout) => await waitForFile(path, { timeout, mode: 'poll' }),
  },
  {
    name: 'p-wait-for',
    settings: 'as it is: every 20 ms',
    wait: async (_, path, timeout) => {
      await pWaitFor(async () => await exists(path), { timeout })
    },
  },
  {
    name: 'wait-on',
    settings: 'window: 0, else as it is: every 250 ms',
    wait: async (_, path, timeout) => {
      await waitOn({ resources: [`file:${path}`], timeout, window: 0 })
    },
  },
  {
    name: 'polling as CUP does',
    settings: 'as it is: every 2 s',
    wait: async (_, path, timeout) => {
      await pollAsCup(async () => await exists(path), 2000, timeout)
    },
  },
]

const READY = /^ready \d+ times$/

/** Whether a line of the file is the one; reads all of it, as one does. */
async function hasLine(path: string): Promise<boolean> {
  const content = await readFile(path, 'utf8').catch(() => '')
  // What is behind the last end of a line is half a line.
  return content
    .split('\n')
    .slice(0, -1)
    .some((line) => READY.test(line))
}

/** Who waits for a line in a file. */
export const textWaiters: readonly Contestant[] = [
  {
    name: '@cupola/autowait',
    settings: 'as it is',
    wait: async (_, path, timeout) => await waitForText(path, READY, { timeout }),
  },
  {
    name: '@cupola/autowait, polling',
    settings: "mode: 'poll'",
    wait: async (_, path, timeout) => await waitForText(path, READY, { timeout, mode: 'poll' }),
  },
  {
    name: 'p-wait-for',
    settings: 'reads all of it every 20 ms',
    wait: async (_, path, timeout) => {
      await pWaitFor(async () => await hasLine(path), { timeout })
    },
  },
  {
    name: 'polling as CUP does',
    settings: 'every 50 ms, as it is every 500 ms',
    wait: async (_, path, timeout) => {
      let position = 0
      const look = async (): Promise<boolean> => {
        const content = await readFile(path, 'utf8').catch(() => '')
        if (content.length < position) position = 0
        const lines = content.slice(position).split('\n')
        position = content.length
        return lines.some((line) => READY.test(line))
      }
      await pollAsCup(look, 50, timeout)
    },
  },
]
