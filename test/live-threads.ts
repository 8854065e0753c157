import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach } from 'vitest'
import { until } from './until.ts'

const threads = new Set<Worker>()
process.on('worker', (thread) => {
  threads.add(thread)
  thread.once('exit', () => threads.delete(thread))
})

/** What has threads. */
interface Owner {
  terminate(): Promise<unknown>
}

const owners = new Set<Owner>()
let threadsBefore = 0

beforeEach(() => {
  threadsBefore = threads.size
})

afterEach(async () => {
  await Promise.all([...owners].map(async (owner) => await owner.terminate()))
  owners.clear()
  await until(() => threads.size <= threadsBefore)
})

/**
 * Terminates what has threads when the test is over, which does not pass unless every thread that was
 * started in it has ended.
 */
export function endWithTest<Ending extends Owner>(owner: Ending): Ending {
  owners.add(owner)
  return owner
}

/** How many threads of this process are alive, whoever started them. */
export function liveThreads(): number {
  return threads.size
}
