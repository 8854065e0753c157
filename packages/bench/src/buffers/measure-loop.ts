import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Cell } from './cell.ts'
import type { Lender } from './lenders.ts'
import { PauseHistogram } from './pause-histogram.ts'

/** How long a batch is about. Between batches the event loop turns, and memory is looked at. */
const BATCH_MS = 10
/** One byte is written in each, so that memory given only on use is given to everybody. */
const PAGE_BYTES = 4096

/** What one thread measured. */
export interface LoopResult {
  readonly operations: number
  /** The time that those took. */
  readonly tookMs: number
  readonly pauses: Pick<PauseHistogram, 'counts' | 'worstMs'>
  readonly gcMs: number
  /** All of the time in which that collection fell, that between batches as well. */
  readonly elapsedMs: number
}

/**
 * Runs the loop of a cell in this thread: batches without a look at the clock, for the rate, alternate
 * with batches in which each operation is timed, for the pauses.
 *
 * @param onBatch - Called between batches.
 */
export async function measureLoop(
  lender: Lender,
  { alive, lives, timing }: Cell,
  onBatch: () => void,
): Promise<LoopResult> {
  const slotOf = lives === 'equal' || alive === 1 ? oldest(alive) : mostlyTheSame(alive)
  const untimed = (times: number) => {
    for (let time = 0; time < times; time++) touch(lender.exchange(slotOf()))
  }
  const pauses = new PauseHistogram()
  const timed = (times: number, into: PauseHistogram) => {
    for (let time = 0; time < times; time++) {
      const began = performance.now()
      touch(lender.exchange(slotOf()))
      into.add(performance.now() - began)
    }
  }
  const times = await warmUp(
    untimed,
    (count) => timed(count, new PauseHistogram()),
    timing.warmUpMs,
  )
  const collector = new CollectorWatch()
  let [operations, tookMs, timedMs] = [0, 0, 0]
  while (tookMs < timing.measureMs || timedMs < timing.measureMs) {
    tookMs += durationOf(() => untimed(times))
    operations += times
    timedMs += durationOf(() => timed(times, pauses))
    onBatch()
    await turnOfTheLoop()
  }
  const { counts, worstMs } = pauses
  return { operations, tookMs, pauses: { counts, worstMs }, ...(await collector.end()) }
}

/** @returns How many operations are a batch. */
async function warmUp(
  untimed: (times: number) => void,
  timed: (times: number) => void,
  warmUpMs: number,
): Promise<number> {
  let times = 8
  for (let spentMs = 0; spentMs < warmUpMs;) {
    const tookMs = durationOf(() => untimed(times))
    spentMs += tookMs + durationOf(() => timed(times))
    if (tookMs < BATCH_MS) times = Math.ceil(times * Math.min(4, BATCH_MS / tookMs))
    await turnOfTheLoop()
  }
  return times
}

function oldest(alive: number): () => number {
  let slot = -1
  return () => (slot = slot + 1 === alive ? 0 : slot + 1)
}

/** Seven of eight go to slot 0, and the eighth to the oldest of the others. */
function mostlyTheSame(alive: number): () => number {
  let time = 0
  const other = oldest(alive - 1)
  return () => ((time = (time + 1) & 7) === 0 ? 1 + other() : 0)
}

function touch(bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; offset += PAGE_BYTES) bytes[offset] = 1
}

function durationOf(act: () => void): number {
  const began = performance.now()
  act()
  return performance.now() - began
}

/** Adds up what the engine tells of its collections in this thread, minor ones as well. */
class CollectorWatch {
  #ms = 0
  readonly #began = performance.now()
  readonly #observer = new PerformanceObserver((list) => this.#add(list.getEntries()))

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  async end(): Promise<Pick<LoopResult, 'gcMs' | 'elapsedMs'>> {
    // The last entries come with the next turn.
    await turnOfTheLoop()
    const elapsedMs = performance.now() - this.#began
    this.#add(this.#observer.takeRecords())
    this.#observer.disconnect()
    return { gcMs: this.#ms, elapsedMs }
  }

  #add(entries: readonly PerformanceEntry[]): void {
    for (const { startTime, duration } of entries) {
      if (startTime >= this.#began) this.#ms += duration
    }
  }
}
