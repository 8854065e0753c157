import { once } from 'node:events'
import { extname } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { InvariantError } from '@cupola/core'
import { SharedBufferPool, type SharedBufferPoolHandle } from '@cupola/buffer-pool'
import type { Cell, CellRound } from './cell.ts'
import { contractProblem } from './contract.ts'
import { type Lender, lenders } from './lenders.ts'
import { type LoopResult, measureLoop } from './measure-loop.ts'
import { PauseHistogram } from './pause-histogram.ts'
import { peakResidentMiB, residentMiB } from './resident-memory.ts'

const SAMPLE_MS = 10

/** What a thread of a cell is given. */
export interface ThreadTask {
  readonly cell: Cell
  readonly shared: SharedBufferPoolHandle
  /** How many threads are not ready yet; they begin together. */
  readonly gate: Int32Array
}

/** A cell's answer: what was measured, or how its contestant failed the contract. */
export type CellAnswer = { readonly round: CellRound } | { readonly problem: string }

/** Measures a cell in this process, which must have nothing else to do. */
export async function measureCell(cell: Cell): Promise<CellAnswer> {
  const { contestant, sizeBytes, alive, threads } = cell
  // The others would pay for memory that they do not use.
  const maxBlocks = contestant === 'SharedBufferPool' ? alive * threads : 1
  const shared = new SharedBufferPool({ blockSize: sizeBytes, maxBlocks })
  let lender: Lender | undefined = openLender(cell, shared)
  const problem = contractProblem(lender, cell)
  if (problem !== undefined) return { problem }
  const memory = new MemoryWatch()
  let results: readonly LoopResult[]
  if (threads === 1) {
    results = [await measureLoop(lender, cell, () => memory.sample())]
    lender.giveBack()
  } else {
    lender.giveBack()
    lender = undefined
    results = await inThreads(cell, shared, memory)
  }
  return { round: roundOf(results, await memory.end()) }
}

/** Measures in a thread of such a process. */
export async function measureInThread({ cell, shared, gate }: ThreadTask): Promise<LoopResult> {
  const lender = openLender(cell, SharedBufferPool.attach(shared))
  if (Atomics.sub(gate, 0, 1) === 1) Atomics.notify(gate, 0)
  for (let left = Atomics.load(gate, 0); left > 0; left = Atomics.load(gate, 0)) {
    Atomics.wait(gate, 0, left)
  }
  const result = await measureLoop(lender, cell, () => {})
  lender.giveBack()
  return result
}

async function inThreads(
  cell: Cell,
  shared: SharedBufferPool,
  memory: MemoryWatch,
): Promise<readonly LoopResult[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4)).fill(cell.threads)
  const task: ThreadTask = { cell, shared: shared.handle, gate }
  // The extension of this file: `.js` once built, `.ts` as source.
  const program = new URL(`./cell-program${extname(import.meta.url)}`, import.meta.url)
  const threads = Array.from(
    { length: cell.threads },
    () => new Worker(program, { workerData: task }),
  )
  const sampling = setInterval(() => memory.sample(), SAMPLE_MS)
  try {
    return await Promise.all(threads.map((thread) => resultOf(thread)))
  } finally {
    clearInterval(sampling)
  }
}

/** When the thread has ended, and what it had is freed. */
async function resultOf(thread: Worker): Promise<LoopResult> {
  const ended = once(thread, 'exit')
  const [result]: LoopResult[] = await once(thread, 'message')
  await ended
  if (result === undefined) throw new InvariantError('a thread posts what it measured')
  return result
}

function openLender({ contestant, sizeBytes, alive }: Cell, shared: SharedBufferPool): Lender {
  const make = lenders[contestant]
  if (make === undefined) throw new RangeError(`Cannot measure ${contestant}: nobody is called so`)
  return make(sizeBytes, alive, shared)
}

function roundOf(results: readonly LoopResult[], memory: MemoryFigures): CellRound {
  const pauses = new PauseHistogram()
  for (const result of results) pauses.merge(result.pauses)
  const sum = (of: (result: LoopResult) => number) => results.reduce((all, one) => all + of(one), 0)
  return {
    operationsPerSecond: sum(({ operations, tookMs }) => (operations / tookMs) * 1000),
    pausesUs: pauses.pausesUs(),
    gcMsPerSecond: sum(({ gcMs, tookMs }) => (gcMs / tookMs) * 1000),
    ...memory,
  }
}

type MemoryFigures = Pick<CellRound, 'peakMiB' | 'finalMiB' | 'memory'>

/** Looks at the process's resident memory while it works. */
class MemoryWatch {
  readonly #began = performance.now()
  readonly #samples: [ms: number, mib: number][] = [[0, residentMiB()]]

  sample(): void {
    const ms = performance.now() - this.#began
    if (ms - (this.#samples.at(-1)?.[0] ?? 0) >= SAMPLE_MS) this.#samples.push([ms, residentMiB()])
  }

  async end(): Promise<MemoryFigures> {
    const peakMiB = peakResidentMiB()
    await collectGarbage()
    const finalMiB = residentMiB()
    const memory = [...this.#samples, [performance.now() - this.#began, finalMiB] as const]
    return { peakMiB, finalMiB, memory }
  }
}

/** Twice: the memory of buffers is freed in the background, and a collection waits for that of the one before. */
async function collectGarbage(): Promise<void> {
  globalThis.gc?.()
  await turnOfTheLoop()
  globalThis.gc?.()
}
