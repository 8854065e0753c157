// A worker without a pool: answers each message, an array of pairs, with the array of their sums.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', (pairs: readonly (readonly [number, number])[]) => {
  parentPort?.postMessage(pairs.map(([a, b]) => a + b))
})
