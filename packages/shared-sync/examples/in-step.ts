// Three threads work through a series of steps together: nobody begins with the next step before all
// are through with this one, and one of them, whichever it is, writes down what it came to.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import {
  SharedBarrier,
  type SharedBarrierHandle,
  SharedCounter,
  type SharedCounterHandle,
} from '@cupola/shared-sync'

const STEPS = 4
const WORKERS = 3

interface Job {
  readonly barrier: SharedBarrierHandle
  readonly counter: SharedCounterHandle
  /** What the counter was after each step. */
  readonly results: Int32Array
}

if (isMainThread) {
  const results = new Int32Array(new SharedArrayBuffer(STEPS * 4))
  const barrier = new SharedBarrier(WORKERS).handle
  const job: Job = { barrier, counter: new SharedCounter().handle, results }
  const workers = Array.from(
    { length: WORKERS },
    () => new Worker(new URL(import.meta.url), { workerData: job }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'exit')))

  assert.deepEqual([...results], [30, 60, 90, 120])
  console.log(`Step by step: ${results.join(', ')}.`)
} else {
  const job = workerData as Job
  const barrier = SharedBarrier.attach(job.barrier)
  const counter = SharedCounter.attach(job.counter)
  for (let step = 0; step < STEPS; step++) {
    counter.add(10)
    if (barrier.waitSync() === 0) job.results[step] = counter.value
    barrier.waitSync()
  }
}
