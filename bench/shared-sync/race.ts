import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { makeShared } from './loops.ts'
import type { Heat } from './thread.ts'

interface Lap {
  readonly start: bigint
  readonly end: bigint
}

/** Some threads that run the same loop at the same time. */
export class Race {
  readonly #threads: readonly Worker[]

  constructor(threads: readonly Worker[]) {
    this.#threads = threads
  }

  static async open(count: number): Promise<Race> {
    const shared = makeShared()
    const threads = Array.from(
      { length: count },
      () => new Worker(new URL('./thread.ts', import.meta.url), { workerData: shared }),
    )
    await Promise.all(threads.map((thread) => once(thread, 'message')))
    return new Race(threads)
  }

  /** Nanoseconds for one operation, all threads taken together. */
  async run(name: string, times: number): Promise<number> {
    const gate = new Int32Array(new SharedArrayBuffer(4))
    const ready = this.#threads.map((thread) => once(thread, 'message'))
    for (const thread of this.#threads) thread.postMessage({ name, times, gate } satisfies Heat)
    await Promise.all(ready)
    const laps = this.#threads.map((thread) => once(thread, 'message') as Promise<[Lap]>)
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    const done = (await Promise.all(laps)).map(([lap]) => lap)
    const start = done.map((lap) => lap.start).reduce((a, b) => (a < b ? a : b))
    const end = done.map((lap) => lap.end).reduce((a, b) => (a > b ? a : b))
    return Number(end - start) / (times * done.length)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }
}
