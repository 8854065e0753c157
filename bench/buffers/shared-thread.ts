import { parentPort, workerData } from 'node:worker_threads'
import { SharedBufferPool, type SharedBufferPoolHandle } from '@cupola/buffer-pool'

/** What a thread is told: how many pairs, and a word that becomes 1 when it is to begin. */
export interface Heat {
  readonly pairs: number
  readonly gate: Int32Array
}

const pool = SharedBufferPool.attach(workerData as SharedBufferPoolHandle)

parentPort?.on('message', ({ pairs, gate }: Heat) => {
  parentPort?.postMessage('ready')
  Atomics.wait(gate, 0, 0)
  const start = process.hrtime.bigint()
  for (let pair = 0; pair < pairs; pair++) pool.allocate(1).release()
  parentPort?.postMessage({ start, end: process.hrtime.bigint() })
})
parentPort?.postMessage('up')
