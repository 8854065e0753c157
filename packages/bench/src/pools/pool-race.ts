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
type Piscina = new (options: {
  readonly filename: string
  readonly minThreads: number
  readonly maxThreads: number
  readonly concurrentTasksPerWorker: number
}) => {
  run(task: { x: number; y: number }, options: { name: string }): Promise<number>
  destroy(): Promise<void>
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
    contestants: contestantsOf(rivals, through, (calls) =>
      callAll(async (x) => x + 1, calls, inFlight),
    ),
    async close() {
      await Promise.all(closers.map((close) => close()))
    },
  }
}

interface OpenPool {
  readonly call: Call
  readonly close: () => Promise<void>
}

function contestantsOf(
  rivals: Rivals,
  through: (open: () => OpenPool) => Loop,
  floor: Loop,
): RaceWorkload['contestants'] {
  return {
    'floor: called in this thread': floor,
    ThreadPool: through(openThreadPool),
    ...ifInstalled(rivals, 'piscina', (rival) => {
      return { piscina: through(() => openPiscina(exported<Piscina>(rival, 'Piscina'))) }
    }),
    ...ifInstalled(rivals, 'tinypool', (rival) => {
      return { tinypool: through(() => openPiscina(exported<Piscina>(rival, 'Tinypool'))) }
    }),
  }
}

/** The extension of this file: `.js` once built, `.ts` as source. */
function tasks(): URL {
  return new URL(`./pool-tasks${extname(import.meta.url)}`, import.meta.url)
}

function openThreadPool(): OpenPool {
  const pool = new ThreadPool<typeof Tasks>(tasks(), { minThreads: THREADS, maxThreads: THREADS })
  return { call: (x) => pool.run('add', [{ x, y: 1 }]), close: () => pool.close() }
}

function openPiscina(Pool: Piscina): OpenPool {
  const pool = new Pool({
    filename: fileURLToPath(tasks()),
    minThreads: THREADS,
    maxThreads: THREADS,
    // Among the settings that were fastest for them.
    concurrentTasksPerWorker: 128,
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
