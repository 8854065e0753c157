import { parentPort, workerData } from 'node:worker_threads'
import { loopsOf, type Shared } from './loops.ts'

/** What a thread is told: which loop, how often, and a word that becomes 1 when it is to begin. */
export interface Heat {
  readonly name: string
  readonly times: number
  readonly gate: Int32Array
}

const loops = loopsOf(workerData as Shared)

parentPort?.on('message', ({ name, times, gate }: Heat) => {
  // Ready: the last who is opens the gate.
  parentPort?.postMessage('ready')
  Atomics.wait(gate, 0, 0)
  const start = process.hrtime.bigint()
  loops[name]?.(times)
  parentPort?.postMessage({ start, end: process.hrtime.bigint() })
})
parentPort?.postMessage('up')
