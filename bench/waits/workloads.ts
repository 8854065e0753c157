import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Contestant, fileWaiters, textWaiters } from './contestants.ts'

/** Something that happens after a while, and those who wait for it. */
export interface Workload {
  readonly name: string
  readonly title: string
  readonly contestants: readonly Contestant[]
  /** What is waited for, in a folder that is made for each trial. */
  readonly path: string
  /** Makes it happen. */
  happen(path: string): Promise<void>
}

/** Longer than it takes anybody to begin to wait. */
export const BEFORE_MS = 100

/** As long as the longest pause of anybody: it has to happen at any time in it. */
export const SPREAD_MS = 2000

/** What is not noticed within this time is missed. */
export const LIMIT_MS = 6000

export const workloads: readonly Workload[] = [
  {
    name: 'rename',
    title: 'A file is renamed into its place, in a folder that is there.',
    contestants: fileWaiters,
    path: 'file',
    async happen(path) {
      await writeFile(`${path}.tmp`, 'content')
      await rename(`${path}.tmp`, path)
    },
  },
  {
    name: 'parents',
    title: 'A file is made at once with three folders that it is in.',
    contestants: fileWaiters,
    path: 'a/b/c/file',
    async happen(path) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, 'content')
    },
  },
  {
    name: 'line',
    title: 'A line is written to a file in two parts, 60 ms apart.',
    contestants: textWaiters,
    path: 'log',
    async happen(path) {
      await appendFile(path, 'starting\nready 1')
      await sleep(60)
      await appendFile(path, '7 times\n')
    },
  },
]

/** How long it took to notice what happened, in milliseconds; `undefined` if it was missed. */
export async function runTrial(
  contestant: Contestant,
  { path, happen }: Workload,
): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const target = join(folder, path)
    const noticed = contestant.wait(folder, target, LIMIT_MS).then(
      () => performance.now(),
      () => undefined,
    )
    await sleep(BEFORE_MS + Math.random() * SPREAD_MS)
    await happen(target)
    const happened = performance.now()
    const at = await noticed
    // Noticed between the system's doing it and its telling us that it is done.
    return at === undefined ? undefined : Math.max(0, at - happened)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
