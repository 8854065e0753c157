import { Executor } from '@cupola/executor'
import type { Loop, Race, RaceWorkload } from '../races/race.ts'
import { exported, ifInstalled, type Rivals } from '../races/rivals.ts'

const CONCURRENCY = 4

/** How fast is `Executor`, next to what people use instead? */
export const executorRace: Race = {
  name: 'executor',
  question: 'How fast does Executor queue calls, next to p-queue and fastq?',
  subject: 'Executor',
  unit: 'calls',
  ours: ['Executor'],
  libraries: ['p-queue', 'fastq'],
  open: executorWorkloads,
}

/** What is needed of p-queue. */
type PQueue = new (options: { concurrency: number }) => {
  add(work: () => Promise<unknown>, options?: { priority: number }): Promise<unknown>
}

/** What is needed of fastq. */
type Fastq = (
  work: () => Promise<void>,
  concurrency: number,
) => { push(item: number): Promise<void> }

/** The same work for each contestant: an async function is called so many times, four at a time. */
function executorWorkloads(rivals: Rivals): readonly RaceWorkload[] {
  return [
    {
      name: 'queued',
      title: 'Calls of an async function, four at a time, each awaited.',
      times: 20_000,
      expected: (calls) => calls,
      contestants: {
        'floor: a promise each': bare,
        Executor: queuedByExecutor,
        ...ifInstalled(rivals, 'p-queue', (rival) => {
          return { 'p-queue': queuedByPQueue(exported<PQueue>(rival, 'default')) }
        }),
        ...ifInstalled(rivals, 'fastq', (rival) => {
          const { promise } = exported<{ readonly promise: Fastq }>(rival, 'default')
          return { fastq: queuedByFastq(promise) }
        }),
      },
    },
    {
      name: 'urgent',
      title: 'The same in three urgencies, in turn.',
      times: 20_000,
      expected: (calls) => calls,
      contestants: {
        'floor: a promise each': bare,
        Executor: urgentByExecutor,
        ...ifInstalled(rivals, 'p-queue', (rival) => {
          return { 'p-queue': urgentByPQueue(exported<PQueue>(rival, 'default')) }
        }),
      },
    },
  ]
}

async function bare(calls: number): Promise<number> {
  let count = 0
  const work = async () => void count++
  await Promise.all(Array.from({ length: calls }, () => work()))
  return count
}

async function queuedByExecutor(calls: number): Promise<number> {
  const executor = new Executor({ queueConcurrency: CONCURRENCY })
  let count = 0
  const work = async () => void count++
  await Promise.all(Array.from({ length: calls }, () => executor.queueExec(work).result))
  return count
}

function queuedByPQueue(Queue: PQueue): Loop {
  return async (calls) => {
    const queue = new Queue({ concurrency: CONCURRENCY })
    let count = 0
    const work = async () => void count++
    await Promise.all(Array.from({ length: calls }, () => queue.add(work)))
    return count
  }
}

function queuedByFastq(fastq: Fastq): Loop {
  return async (calls) => {
    let count = 0
    const queue = fastq(async () => void count++, CONCURRENCY)
    await Promise.all(Array.from({ length: calls }, (_, each) => queue.push(each)))
    return count
  }
}

async function urgentByExecutor(calls: number): Promise<number> {
  const executor = new Executor({ queueConcurrency: CONCURRENCY })
  const options = (['low', 'normal', 'high'] as const).map((urgency) => ({ urgency }))
  let count = 0
  const work = async () => void count++
  const submit = (each: number) => executor.queueExec(work, options[each % 3]).result
  await Promise.all(Array.from({ length: calls }, (_, each) => submit(each)))
  return count
}

function urgentByPQueue(Queue: PQueue): Loop {
  return async (calls) => {
    const queue = new Queue({ concurrency: CONCURRENCY })
    const options = [-1, 0, 1].map((priority) => ({ priority }))
    let count = 0
    const work = async () => void count++
    const submit = (each: number) => queue.add(work, options[each % 3])
    await Promise.all(Array.from({ length: calls }, (_, each) => submit(each)))
    return count
  }
}
