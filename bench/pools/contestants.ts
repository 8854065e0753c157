// Who takes part, each at the settings that serve it best.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ThreadPool } from '@cupola/thread-pool'
import { Piscina } from 'piscina'
import { FixedThreadPool, type ThreadPoolOptions as PoolifierOptions } from 'poolifier'
import { Tinypool } from 'tinypool'
import workerpool from 'workerpool'
import { BareTransport } from './bare-transport.ts'
import { type Contestant, TASKS, type TaskName, THREADS } from './contestant.ts'

/**
 * Each at the settings that were fastest for it among those tried (Node 20.20, 2 cores) with a
 * thousand trivial calls in flight; with long calls among short ones the same settings came first.
 * To try others, add a line.
 */
export const contestants: readonly Contestant[] = [
  floor(),
  cupola(),
  piscina('piscina, default', {}),
  // Tried: concurrentTasksPerWorker 1, 8, 32, 128, 512 and 1024 with atomics 'sync' and 'async', up
  // to 128 also 'disabled', which never came first; recordTiming both ways. From 128 on there is
  // little between them; with mixed lengths, of 1, 2 and 512, 512 came first too.
  piscina('piscina, best', {
    concurrentTasksPerWorker: 512,
    atomics: 'async',
    recordTiming: false,
  }),
  // Tried: concurrentTasksPerWorker 1, 8, 32, 128 and 512, useAtomics both ways; 128 and 512 are
  // equal; with mixed lengths, of 1, 2 and 128, 128 came first too.
  tinypool('tinypool', { concurrentTasksPerWorker: 128, useAtomics: true }),
  // Has nothing to set but the kind of worker: one call at a time in a thread.
  workerPool(),
  // Tried: enableEvents both ways; LEAST_USED (the default), ROUND_ROBIN, FAIR_SHARE, LEAST_BUSY
  // and WEIGHTED_ROUND_ROBIN; enableTasksQueue with concurrency 1, 8, 32, 128 and 512, and the last
  // without stealing. The queue with concurrency 512 comes as far as none; at 1 it is far slower,
  // with mixed lengths as well.
  poolifier('poolifier', { enableEvents: false }),
]

function cupola(): Contestant {
  return {
    family: 'Cupola',
    name: 'ThreadPool',
    settings: 'from source',
    async open() {
      const pool = new ThreadPool(workerUrl('thread-pool'), {
        minThreads: THREADS,
        maxThreads: THREADS,
      })
      await pool.resize({})
      return {
        run: (task, argument) => pool.run(task, [argument]) as Promise<number>,
        move: (buffer) =>
          pool.run('move', [buffer], { transfer: [buffer] }) as Promise<ArrayBuffer>,
        close: () => pool.close(),
      }
    },
  }
}

function piscina(
  name: string,
  settings: Pick<
    ConstructorParameters<typeof Piscina>[0] & object,
    'concurrentTasksPerWorker' | 'atomics' | 'recordTiming' | 'workerHistogram'
  >,
): Contestant {
  return {
    family: 'piscina',
    name,
    settings: describe('piscina', settings),
    async open() {
      const pool = new Piscina({
        filename: workerPath('piscina'),
        minThreads: THREADS,
        maxThreads: THREADS,
        ...settings,
      })
      return {
        run: (task, argument) => pool.run(argument, NAMED[task]) as Promise<number>,
        move: (buffer) =>
          pool.run(buffer, { name: 'move', transferList: [buffer] }) as Promise<ArrayBuffer>,
        close: () => pool.close(),
      }
    },
  }
}

function tinypool(
  name: string,
  settings: Pick<
    ConstructorParameters<typeof Tinypool>[0] & object,
    'concurrentTasksPerWorker' | 'useAtomics'
  >,
): Contestant {
  return {
    family: 'tinypool',
    name,
    settings: describe('tinypool', settings),
    async open() {
      const pool = new Tinypool({
        filename: workerPath('tinypool'),
        runtime: 'worker_threads',
        minThreads: THREADS,
        maxThreads: THREADS,
        ...settings,
      })
      return {
        run: (task, argument) => pool.run(argument, NAMED[task]) as Promise<number>,
        move: (buffer) =>
          pool.run(buffer, { name: 'move', transferList: [buffer] }) as Promise<ArrayBuffer>,
        close: () => pool.destroy(),
      }
    },
  }
}

function workerPool(): Contestant {
  return {
    family: 'workerpool',
    name: 'workerpool',
    settings: describe('workerpool', {}),
    async open() {
      const pool = workerpool.pool(workerPath('workerpool'), {
        workerType: 'thread',
        minWorkers: THREADS,
        maxWorkers: THREADS,
      })
      return {
        run: (task, argument) => pool.exec(task, [argument]),
        move: (buffer) => pool.exec('move', [buffer], { transfer: [buffer] }),
        close: async () => await pool.terminate(),
      }
    },
  }
}

function poolifier(name: string, settings: PoolifierOptions): Contestant {
  return {
    family: 'poolifier',
    name,
    settings: describe('poolifier', settings),
    async open() {
      const pool = new FixedThreadPool(THREADS, workerPath('poolifier'), settings)
      return {
        run: (task, argument) => pool.execute(argument, task) as Promise<number>,
        move: (buffer) => pool.execute(buffer, 'move', undefined, [buffer]) as Promise<ArrayBuffer>,
        close: () => pool.destroy(),
      }
    },
  }
}

function floor(): Contestant {
  return {
    family: 'floor',
    name: 'bare transport',
    settings: '',
    open: async () => new BareTransport(),
  }
}

const NAMED = Object.fromEntries(TASKS.map((name) => [name, { name }])) as Record<
  TaskName,
  { name: TaskName }
>

function describe(library: string, settings: object): string {
  const manifest = new URL(`../node_modules/${library}/package.json`, import.meta.url)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return `${version} ${JSON.stringify(settings)}`
}

function workerUrl(name: string): URL {
  return new URL(`./workers/${name}.ts`, import.meta.url)
}

function workerPath(name: string): string {
  return fileURLToPath(workerUrl(name))
}
