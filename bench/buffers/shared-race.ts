import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { SharedBufferPool } from '@cupola/buffer-pool'
import type { Heat } from './shared-thread.ts'

interface Lap {
  readonly start: bigint
  readonly end: bigint
}

/** Pairs of allocate and release per second, of so many threads at one pool together, round by round. */
export async function sharedRace(count: number, pairs: number, rounds: number): Promise<number[]> {
  const pool = new SharedBufferPool({ maxBlocks: 64 })
  const program = new URL('./shared-thread.ts', import.meta.url)
  const threads = Array.from(
    { length: count },
    () => new Worker(program, { workerData: pool.handle }),
  )
  await Promise.all(threads.map((thread) => once(thread, 'message')))
  // The first is for the engine to get warm.
  await heat(threads, pairs)
  const rates: number[] = []
  for (let round = 0; round < rounds; round++) rates.push(await heat(threads, pairs))
  await Promise.all(threads.map((thread) => thread.terminate()))
  return rates
}

async function heat(threads: readonly Worker[], pairs: number): Promise<number> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const ready = threads.map((thread) => once(thread, 'message'))
  for (const thread of threads) thread.postMessage({ pairs, gate } satisfies Heat)
  await Promise.all(ready)
  const laps = threads.map((thread) => once(thread, 'message') as Promise<[Lap]>)
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const done = (await Promise.all(laps)).map(([lap]) => lap)
  const start = done.map((lap) => lap.start).reduce((a, b) => (a < b ? a : b))
  const end = done.map((lap) => lap.end).reduce((a, b) => (a > b ? a : b))
  return (pairs * threads.length * 1e9) / Number(end - start)
}
