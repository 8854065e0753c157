import { availableParallelism, type CpuInfo, cpus } from 'node:os'
import { readText } from './read-text.ts'

/** How the processors have spent their time since the machine was started, all added up. */
export interface ProcessorTimes {
  readonly count: number
  /** `undefined` where the system does not tell. */
  readonly idleMs: number | undefined
  readonly busyMs: number | undefined
}

/** Linux counts for programs in hundredths of a second on every machine that Node runs on. */
const TICK_MS = 10

/**
 * Reads how the processors have spent their time.
 *
 * `os.cpus()` would do on Linux too, but it reads a few files for each processor, one after the other,
 * while the event loop stands still.
 *
 * @param path - Where Linux says it.
 */
export async function readProcessorTimes(path = '/proc/stat'): Promise<ProcessorTimes> {
  const text = (await readText(path)) ?? ''
  const [, sum] = /^cpu\s+([\d ]+)$/m.exec(text) ?? []
  if (sum === undefined) return timesOfAll()
  // What runs as a guest is part of what runs as a user, which comes first.
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...others] = sum
    .split(' ')
    .map(Number)
  const [interrupts = 0, softInterrupts = 0, stolen = 0] = others
  const busy = user + nice + system + interrupts + softInterrupts + stolen
  return {
    count: text.match(/^cpu\d+ /gm)?.length ?? 1,
    idleMs: (idle + waiting) * TICK_MS,
    busyMs: busy * TICK_MS,
  }
}

/** @param all - None where a system keeps its processors to itself, as some sandboxes do. */
export function timesOfAll(all: readonly Pick<CpuInfo, 'times'>[] = cpus()): ProcessorTimes {
  if (all.length === 0) {
    return { count: availableParallelism(), idleMs: undefined, busyMs: undefined }
  }
  let idleMs = 0
  let busyMs = 0
  for (const { times } of all) {
    idleMs += times.idle
    busyMs += times.user + times.nice + times.sys + times.irq
  }
  return { count: all.length, idleMs, busyMs }
}
