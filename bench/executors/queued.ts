import { Executor } from '@cupola/executor'
import { promise as fastq } from 'fastq'
import PQueue from 'p-queue'

/** The same work for each contestant: an async function is called so many times, four at a time. */
export type Contestants = Readonly<Record<string, (tasks: number) => Promise<number>>>

const CONCURRENCY = 4

const floor = 'floor: a promise each'

/** Each call's result is awaited. */
export const queued: Contestants = {
  [floor]: async (tasks) => {
    let count = 0
    const work = async () => void count++
    await Promise.all(Array.from({ length: tasks }, () => work()))
    return count
  },
  Executor: async (tasks) => {
    const executor = new Executor({ queueConcurrency: CONCURRENCY })
    let count = 0
    const work = async () => void count++
    await Promise.all(Array.from({ length: tasks }, () => executor.queueExec(work).result))
    return count
  },
  'p-queue': async (tasks) => {
    const queue = new PQueue({ concurrency: CONCURRENCY })
    let count = 0
    const work = async () => void count++
    await Promise.all(Array.from({ length: tasks }, () => queue.add(work)))
    return count
  },
  fastq: async (tasks) => {
    let count = 0
    const queue = fastq(async () => void count++, CONCURRENCY)
    await Promise.all(Array.from({ length: tasks }, (_, each) => queue.push(each)))
    return count
  },
}

/** The same in three urgencies, in turn. */
export const urgent: Contestants = {
  [floor]: queued[floor] ?? (async () => 0),
  Executor: async (tasks) => {
    const executor = new Executor({ queueConcurrency: CONCURRENCY })
    const options = (['low', 'normal', 'high'] as const).map((urgency) => ({ urgency }))
    let count = 0
    const work = async () => void count++
    const submit = (each: number) => executor.queueExec(work, options[each % 3]).result
    await Promise.all(Array.from({ length: tasks }, (_, each) => submit(each)))
    return count
  },
  'p-queue': async (tasks) => {
    const queue = new PQueue({ concurrency: CONCURRENCY })
    const options = [-1, 0, 1].map((priority) => ({ priority }))
    let count = 0
    const work = async () => void count++
    const submit = (each: number) => queue.add(work, options[each % 3])
    await Promise.all(Array.from({ length: tasks }, (_, each) => submit(each)))
    return count
  },
}
