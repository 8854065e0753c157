// Four threads number what they do, without asking one another: no number comes twice, and none is left
// out. The main thread uses the numbers before it starts them, which is how they find them.
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { nextNumber, uniqueName } from '@cupola/ids'

if (isMainThread) {
  console.log(`The main thread has ${nextNumber('jobs')}`)
  const threads = Array.from({ length: 4 }, () => new Worker(new URL(import.meta.url)))
  const messages = await Promise.all(threads.map((thread) => once(thread, 'message')))

  const jobs = messages.flatMap(([sent]: { number: number; file: string }[][]) => sent ?? [])
  const numbers = jobs.map(({ number }) => number).sort((one, other) => one - other)
  console.log(`The threads have ${numbers.join(' ')}`)
  console.log(`They wrote to ${new Set(jobs.map(({ file }) => file)).size} different files`)
} else {
  const jobs = Array.from({ length: 3 }, () => ({
    number: nextNumber('jobs'),
    file: `${uniqueName('job')}.log`,
  }))
  parentPort?.postMessage(jobs)
}
