import { Queue } from '@cupola/queue'
import Denque from 'denque'
import type { Race, RaceWorkload } from '../races/race.ts'
import { exported, ifInstalled, type Rivals } from '../races/rivals.ts'
import { DequeLoop } from './deque-loop.ts'

/** How fast is `Queue`, next to what people use instead? */
export const queueRace: Race = {
  name: 'queue',
  question: 'How fast is Queue, next to fastq and to loops over a deque?',
  subject: 'Queue',
  unit: 'items',
  ours: ['Queue'],
  libraries: ['fastq'],
  open: queueWorkloads,
}

interface Async {
  put(item: number): Promise<void>
  get(): Promise<number>
}

/** All items are put, each awaited, and then taken, each awaited. */
async function putThenGet(queue: Async, items: number): Promise<number> {
  for (let item = 0; item < items; item++) await queue.put(item)
  let sum = 0
  for (let item = 0; item < items; item++) sum += await queue.get()
  return sum
}

/** Somebody puts while somebody gets. */
async function sideBySide(queue: Async, items: number): Promise<number> {
  const putting = (async () => {
    for (let item = 0; item < items; item++) await queue.put(item)
  })()
  let sum = 0
  for (let item = 0; item < items; item++) sum += await queue.get()
  await putting
  return sum
}

const WORKERS = 4

/** Each item is work for an async function, four at a time; the end is when all are done. */
async function jobsOfQueue(items: number): Promise<number> {
  const queue = new Queue<number>()
  let sum = 0
  const work = async (item: number) => {
    sum += item
  }
  const workers = Array.from({ length: WORKERS }, async () => {
    for (;;) {
      const item = await queue.get()
      await work(item)
      queue.taskDone()
    }
  })
  for (let item = 0; item < items; item++) queue.tryPut(item)
  await queue.join()
  await queue.terminate()
  await Promise.allSettled(workers)
  return sum
}

/** What is needed of fastq. */
interface Fastq {
  (
    work: (item: number, done: (error: unknown) => void) => void,
    concurrency: number,
  ): {
    push(item: number): void
    drain: () => void
  }
  readonly promise: (
    work: (item: number) => Promise<void>,
    concurrency: number,
  ) => { push(item: number): Promise<void>; drained(): Promise<void> }
}

async function jobsOfFastq(fastq: Fastq, items: number): Promise<number> {
  let sum = 0
  const queue = fastq.promise(async (item: number) => {
    sum += item
  }, WORKERS)
  for (let item = 0; item < items; item++) void queue.push(item)
  await queue.drained()
  return sum
}

async function jobsOfFastqCallbacks(fastq: Fastq, items: number): Promise<number> {
  let sum = 0
  const work = async (item: number) => {
    sum += item
  }
  const queue = fastq((item, done) => {
    // oxlint-disable-next-line promise/no-callback-in-promise -- how fastq wants to be told
    work(item).then(() => done(null), done)
  }, WORKERS)
  for (let item = 0; item < items; item++) queue.push(item)
  await new Promise<void>((resolve) => (queue.drain = resolve))
  return sum
}

async function jobsOfDeque(items: number): Promise<number> {
  const queue = new Denque<number>()
  let sum = 0
  const work = async (item: number) => {
    sum += item
  }
  for (let item = 0; item < items; item++) queue.push(item)
  const workers = Array.from({ length: WORKERS }, async () => {
    while (queue.length > 0) await work(queue.shift() ?? 0)
  })
  await Promise.all(workers)
  return sum
}

async function bareAwaits(items: number): Promise<number> {
  let sum = 0
  for (let item = 0; item < items; item++) {
    await Promise.resolve()
    sum += await Promise.resolve(item)
  }
  return sum
}

const floor = 'floor: two awaits an item'

/** The same work for each contestant: numbers go through, and their sum comes out. */
function queueWorkloads(rivals: Rivals): readonly RaceWorkload[] {
  return [puttingThenGetting(), sides(), bounded(), jobs(rivals), tries()]
}

function puttingThenGetting(): RaceWorkload {
  return {
    name: 'put-then-get',
    title: 'All items are put, then all are taken, each with an `await`.',
    times: 100_000,
    expected: sumBelow,
    contestants: {
      [floor]: bareAwaits,
      Queue: (items) => putThenGet(new Queue<number>(), items),
      'deque loop': (items) => putThenGet(new DequeLoop<number>(), items),
    },
  }
}

function sides(): RaceWorkload {
  return {
    name: 'side-by-side',
    title: 'One puts while one gets, without a limit: somebody always waits.',
    times: 100_000,
    expected: sumBelow,
    contestants: {
      [floor]: bareAwaits,
      Queue: (items) => sideBySide(new Queue<number>(), items),
      'deque loop': (items) => sideBySide(new DequeLoop<number>(), items),
    },
  }
}

function bounded(): RaceWorkload {
  return {
    name: 'bounded',
    title: 'One puts while one gets, at most eight items on the way.',
    times: 100_000,
    expected: sumBelow,
    contestants: {
      [floor]: bareAwaits,
      Queue: (items) => sideBySide(new Queue<number>({ capacity: 8 }), items),
      'deque loop': (items) => sideBySide(new DequeLoop<number>(8), items),
    },
  }
}

function jobs(rivals: Rivals): RaceWorkload {
  return {
    name: 'jobs',
    title: 'Each item is work for an async function, four at a time, until all are done.',
    times: 100_000,
    expected: sumBelow,
    contestants: {
      [floor]: bareAwaits,
      Queue: jobsOfQueue,
      ...ifInstalled(rivals, 'fastq', (rival) => {
        const fastq = exported<Fastq>(rival, 'default')
        return {
          'fastq.promise': (items) => jobsOfFastq(fastq, items),
          'fastq with callbacks': (items) => jobsOfFastqCallbacks(fastq, items),
        }
      }),
      'deque loop': jobsOfDeque,
    },
  }
}

function tries(): RaceWorkload {
  return {
    name: 'try',
    title: 'Put and taken without a promise.',
    times: 1_000_000,
    expected: sumBelow,
    contestants: {
      'floor: a bare deque': (items) => {
        const queue = new Denque<number>()
        let sum = 0
        for (let item = 0; item < items; item++) {
          queue.push(item)
          sum += queue.shift() ?? 0
        }
        return sum
      },
      Queue: (items) => {
        const queue = new Queue<number>()
        let sum = 0
        for (let item = 0; item < items; item++) {
          queue.tryPut(item)
          sum += queue.tryGet() ?? 0
        }
        return sum
      },
    },
  }
}

/** Of the numbers that go through. */
function sumBelow(items: number): number {
  return (items * (items - 1)) / 2
}
