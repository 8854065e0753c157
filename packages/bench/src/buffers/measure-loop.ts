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
  /** How much of that time was garbage collection. */
  readonly gcMs: number
  readonly pauses: Pick<PauseHistogram, 'counts' | 'worstMs'>
}

/**
 * Runs the loop of a cell in this thread: batches without a look at the clock, for the rate, alternate
 * with batches in which each operation is timed, for the pauses. To look at the clock makes garbage, so
 * collections count only in the others.
 *
 * @param onBatch - Called between batches.
 */
export async function measureLoop(
  lender: Lender,
  { alive, lives, timing }: Cell,
  onBatch: () => void,
): Promise<LoopResult> {
  const slotOf = lives === 'equal' || alive === 1 ? oldest(alive) : mostlyTheSame(alive)
  const pauses = new PauseHistogram()
  const plain = new Batches((times) => {
    for (let time = 0; time < times; time++) touch(lender.exchange(slotOf()))
  })
  const timed = new Batches((times) => {
    for (let time = 0; time < times; time++) {
      const began = performance.now()
      touch(lender.exchange(slotOf()))
      pauses.add(performance.now() - began)
    }
  })
  for (let spentMs = 0; spentMs < timing.warmUpMs;) {
    spentMs += plain.warmUp() + timed.warmUp()
    await turnOfTheLoop()
  }
  pauses.clear()
  const collector = new CollectorWatch()
  // The same time for both, and for everybody: who is watched for longer shows a longer worst pause.
  while (plain.tookMs < timing.measureMs || timed.tookMs < timing.measureMs) {
    for (const batches of [plain, timed]) {
      if (batches.tookMs < timing.measureMs) batches.run()
    }
    onBatch()
    await turnOfTheLoop()
  }
  const { counts, worstMs } = pauses
  const gcMs = await collector.msWithin(plain.spans)
  const { operations, tookMs } = plain
  return { operations, tookMs, gcMs, pauses: { counts, worstMs } }
}

/** A loop in batches that are long enough to be measured. */
class Batches {
  readonly #loop: (times: number) => void
  readonly spans: { readonly fromMs: number; readonly toMs: number }[] = []
  operations = 0
  tookMs = 0
  /** How many operations are a batch. */
  #times = 8

  constructor(loop: (times: number) => void) {
    this.#loop = loop
  }

  /** @returns How long it took. */
  warmUp(): number {
    const began = performance.now()
    this.#loop(this.#times)
    const tookMs = performance.now() - began
    if (tookMs < BATCH_MS) this.#times = Math.ceil(this.#times * Math.min(4, BATCH_MS / tookMs))
    return tookMs
  }

  run(): void {
    const fromMs = performance.now()
    this.#loop(this.#times)
    const toMs = performance.now()
    this.spans.push({ fromMs, toMs })
    this.operations += this.#times
    this.tookMs += toMs - fromMs
  }
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

/** Keeps what the engine tells of its collections in this thread, minor ones as well. */
class CollectorWatch {
  readonly #entries: PerformanceEntry[] = []
  readonly #observer = new PerformanceObserver((list) => this.#entries.push(...list.getEntries()))

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** How long collections took that began in one of these spans. Watches no more. */
  async msWithin(spans: Batches['spans']): Promise<number> {
    // The last entries come with the next turn.
    await turnOfTheLoop()
    const entries = [...this.#entries, ...this.#observer.takeRecords()]
    this.#observer.disconnect()
    return entries
      .filter(({ startTime }) =>
        spans.some(({ fromMs, toMs }) => fromMs <= startTime && startTime < toMs),
      )
      .reduce((sum, { duration }) => sum + duration, 0)
  }
}
