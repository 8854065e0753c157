import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ThreadPool } from '@cupola/thread-pool'
import type { Loop, Race, RaceWorkload } from '../races/race.ts'
import { exported, ifInstalled, type Rivals } from '../races/rivals.ts'
import type * as Tasks from './pool-tasks.ts'

/** How fast is `ThreadPool`, next to what people use instead? */
export const poolRace: Race = {
  name: 'pool',
  question: 'How fast are calls to threads through ThreadPool, next to piscina and tinypool?',
  subject: 'ThreadPool',
  unit: 'calls',
  ours: ['ThreadPool'],
  libraries: ['piscina', 'tinypool'],
  open: poolWorkloads,
}

const THREADS = 2
const IN_FLIGHT = 1000

/** What is needed of piscina and tinypool, which are of one family. */
type Piscina = new (
  options: PiscinaOptions & {
    readonly filename: string
    readonly minThreads: number
    readonly maxThreads: number
  },
) => {
  run(task: { x: number; y: number }, options: { name: string }): Promise<number>
  destroy(): Promise<void>
}

interface PiscinaOptions {
  readonly concurrentTasksPerWorker: number
  readonly atomics?: 'async' | 'sync'
  readonly recordTiming?: boolean
}

/** The settings that were fastest for them: half of the calls in flight go to each thread. */
const TINYPOOL_OPTIONS: PiscinaOptions = { concurrentTasksPerWorker: IN_FLIGHT / THREADS }

/** Alike. To sleep between calls is faster for one at a time, and only for that. */
function piscinaOptions(inFlight: number): PiscinaOptions {
  const atomics = inFlight === 1 ? 'sync' : 'async'
  return { ...TINYPOOL_OPTIONS, atomics, recordTiming: false }
}

type Call = (x: number) => Promise<number>

/** A thousand calls in flight, and one at a time. */
function poolWorkloads(rivals: Rivals): readonly RaceWorkload[] {
  return [
    workloadOf(rivals, IN_FLIGHT, {
      name: 'trivial',
      title: 'Calls of a function that does nothing, a thousand in flight.',
      times: 20_000,
    }),
    workloadOf(rivals, 1, {
      name: 'one-at-a-time',
      title: 'The same, each after the answer to the one before.',
      times: 1000,
    }),
  ]
}

function workloadOf(
  rivals: Rivals,
  inFlight: number,
  about: Pick<RaceWorkload, 'name' | 'title' | 'times'>,
): RaceWorkload {
  const closers: (() => Promise<void>)[] = []
  /** The pool is opened in the first turn, which is to warm up, and stays. */
  const through = (open: () => OpenPool): Loop => {
    let pool: OpenPool | undefined
    return (calls) => {
      if (pool === undefined) closers.push((pool = open()).close)
      return callAll(pool.call, calls, inFlight)
    }
  }
  return {
    ...about,
    expected: (calls) => (calls * (calls + 1)) / 2,
    contestants: {
      'floor: called in this thread': (calls) => callAll(async (x) => x + 1, calls, inFlight),
      ThreadPool: through(openThreadPool),
      ...ifInstalled(rivals, 'piscina', (rival) => {
        const Pool = exported<Piscina>(rival, 'Piscina')
        return { piscina: through(() => openPiscina(Pool, piscinaOptions(inFlight))) }
      }),
      ...ifInstalled(rivals, 'tinypool', (rival) => {
        const Pool = exported<Piscina>(rival, 'Tinypool')
        return { tinypool: through(() => openPiscina(Pool, TINYPOOL_OPTIONS)) }
      }),
    },
    async close() {
      await Promise.all(closers.map((close) => close()))
    },
  }
}

interface OpenPool {
  readonly call: Call
  readonly close: () => Promise<void>
}

/** The extension of this file: `.js` once built, `.ts` as source. */
function tasks(): URL {
  return new URL(`./pool-tasks${extname(import.meta.url)}`, import.meta.url)
}

function openThreadPool(): OpenPool {
  const pool = new ThreadPool<typeof Tasks>(tasks(), { minThreads: THREADS, maxThreads: THREADS })
  return { call: (x) => pool.run('add', [{ x, y: 1 }]), close: () => pool.close() }
}

function openPiscina(Pool: Piscina, options: PiscinaOptions): OpenPool {
  const pool = new Pool({
    filename: fileURLToPath(tasks()),
    minThreads: THREADS,
    maxThreads: THREADS,
    ...options,
  })
  return { call: (x) => pool.run({ x, y: 1 }, { name: 'add' }), close: () => pool.destroy() }
}

/** So many clients, each of which calls again when it has its answer. */
async function callAll(call: Call, calls: number, inFlight: number): Promise<number> {
  let next = 0
  let sum = 0
  const client = async () => {
    while (next < calls) {
      const answer = await call(next++)
      sum += answer
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  return sum
}
