import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, loadavg, uptime } from 'node:os'
import { type IntervalHistogram, performance } from 'node:perf_hooks'
import { requireObject, requireString } from '@cupola/core/authoring'
import { readGroupLimits } from './host/cgroup.ts'
import { readMemory } from './host/memory.ts'
import { type NetworkReport, readNetwork } from './host/network.ts'
import { type ProcessorTimes, readProcessorTimes } from './host/processor.ts'

/** What a report is to tell besides what it always does. */
export interface HostReportOptions {
  /**
   * The report before: rates and shares are of the time since. They are `undefined` without.
   *
   * @defaultValue none
   */
  readonly since?: HostReport | undefined
  /**
   * A path on the file system whose space is to be told.
   *
   * @defaultValue none is told
   */
  readonly diskPath?: string | undefined
  /**
   * A histogram of `perf_hooks.monitorEventLoopDelay()` that is enabled. It is read, not reset.
   *
   * @defaultValue no lag is told
   */
  readonly eventLoopDelay?: IntervalHistogram | undefined
}

/** A machine and this process in it, at one moment: plain data, for a beat's `meta` or for a log. */
export interface HostReport {
  readonly version: 1
  readonly host: string
  readonly platform: NodeJS.Platform
  /** By the wall clock, in milliseconds since 1970 UTC. */
  readonly takenAtWallMs: number
  /** By a clock that is not set, whose beginning is nobody's business. */
  readonly takenAtMs: number
  readonly uptimeSeconds: number
  readonly processor: {
    /** How many there are. */
    readonly count: number
    /** How many this process may use, by its affinity and its control groups; may be a fraction. */
    readonly usableCount: number
    /** Which part of the time of all of them was not spent idle since the report before. */
    readonly busyShare: number | undefined
    /** Since the machine was started, over all of them. `undefined` where the system does not tell. */
    readonly idleMs: number | undefined
    readonly busyMs: number | undefined
  }
  readonly memory: {
    readonly totalBytes: number
    /** What programs can still get, what is cached included. `undefined` on macOS. */
    readonly availableBytes: number | undefined
    /** What the tightest control group of this process may use; `undefined` if none limits it. */
    readonly groupLimitBytes: number | undefined
    /** What that group uses, caches included. */
    readonly groupUsedBytes: number | undefined
    /** What this process has in memory. */
    readonly processBytes: number
  }
  /** How many wanted to run, on average of 1, 5 and 15 minutes. `undefined` on Windows. */
  readonly load: readonly [number, number, number] | undefined
  /** Traffic is counted on Linux only. */
  readonly network: readonly NetworkReport[]
  readonly disk:
    | {
        readonly path: string
        readonly totalBytes: number
        /** What is left for users without privileges. */
        readonly availableBytes: number
      }
    | undefined
  readonly eventLoop: {
    /** Which part of its time this thread's loop was not waiting, since the report before. */
    readonly busyShare: number | undefined
    /** How late timers were, since the histogram began. */
    readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number } | undefined
    /** Since the thread was started. */
    readonly idleMs: number
    readonly activeMs: number
  }
}

/**
 * Looks at the machine and at this process in it.
 *
 * It reads a few files of the system and asks Node for the rest; it starts no program, waits for nothing
 * to pass, and does not block. What a platform does not tell is `undefined`.
 *
 * @throws What the file system says of `diskPath`.
 * @throws TypeError If an option has the wrong type.
 *
 * @example Shares since the last look
 * ```ts
 * import { hostReport } from '@cupola/heartbeat'
 *
 * const first = await hostReport()
 * const second = await hostReport({ since: first, diskPath: '.' })
 * second.memory.totalBytes === first.memory.totalBytes // => true
 * second.takenAtMs > first.takenAtMs // => true
 * ```
 */
export async function hostReport(options: HostReportOptions = {}): Promise<HostReport> {
  requireObject('options', options)
  const { since, diskPath, eventLoopDelay } = options
  if (since !== undefined) requireObject('since', since)
  if (diskPath !== undefined) requireString('diskPath', diskPath)
  if (eventLoopDelay !== undefined) requireObject('eventLoopDelay', eventLoopDelay)
  const takenAtMs = Number(process.hrtime.bigint()) / 1e6
  const seconds = since === undefined ? 0 : (takenAtMs - since.takenAtMs) / 1000
  const [limits, machine, times, network, disk] = await Promise.all([
    readGroupLimits(),
    readMemory(),
    readProcessorTimes(),
    readNetwork(since?.network ?? [], seconds),
    diskPath === undefined ? undefined : readDisk(diskPath),
  ])
  return {
    version: 1,
    host: hostname(),
    platform: process.platform,
    takenAtWallMs: Date.now(),
    takenAtMs,
    uptimeSeconds: uptime(),
    processor: processorReport(times, limits.processors, since?.processor),
    memory: {
      ...machine,
      groupLimitBytes: limits.memoryLimitBytes,
      groupUsedBytes: limits.memoryUsedBytes,
      processBytes: process.memoryUsage.rss(),
    },
    load: readLoad(),
    network,
    disk,
    eventLoop: eventLoopReport(since?.eventLoop, eventLoopDelay),
  }
}

function processorReport(
  { count, idleMs, busyMs }: ProcessorTimes,
  groupCount: number | undefined,
  before: HostReport['processor'] | undefined,
): HostReport['processor'] {
  const usableCount = Math.min(availableParallelism(), groupCount ?? Infinity)
  const busyShare = shareSince(before, { idleMs, busyMs })
  return { count, usableCount, busyShare, idleMs, busyMs }
}

function shareSince(
  before: Pick<ProcessorTimes, 'idleMs' | 'busyMs'> | undefined,
  { idleMs, busyMs }: Pick<ProcessorTimes, 'idleMs' | 'busyMs'>,
): number | undefined {
  if (idleMs === undefined || busyMs === undefined) return undefined
  if (before?.idleMs === undefined || before.busyMs === undefined) return undefined
  const busy = busyMs - before.busyMs
  return shareOf(busy, busy + idleMs - before.idleMs)
}

function readLoad(): HostReport['load'] {
  const [one, five, fifteen] = loadavg()
  if (one === undefined || five === undefined || fifteen === undefined) return undefined
  return process.platform === 'win32' ? undefined : [one, five, fifteen]
}

async function readDisk(path: string): Promise<HostReport['disk']> {
  const { bsize, blocks, bavail } = await statfs(path)
  return { path, totalBytes: bsize * blocks, availableBytes: bsize * bavail }
}

function eventLoopReport(
  before: HostReport['eventLoop'] | undefined,
  delay: IntervalHistogram | undefined,
): HostReport['eventLoop'] {
  const { idle: idleMs, active: activeMs } = performance.eventLoopUtilization()
  const busyShare = shareSince(before && { idleMs: before.idleMs, busyMs: before.activeMs }, {
    idleMs,
    busyMs: activeMs,
  })
  return { busyShare, lagMs: delay && lagOf(delay), idleMs, activeMs }
}

/** Counters are coarse, and on some machines not quite in step: no share is below 0 or above 1. */
function shareOf(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : undefined
}

/** The histogram counts nanoseconds, those that the timer is meant to wait included. An empty one knows nothing. */
function lagOf(delay: IntervalHistogram): HostReport['eventLoop']['lagMs'] {
  if (delay.count === 0) return undefined
  return {
    p50: delay.percentile(50) / 1e6,
    p99: delay.percentile(99) / 1e6,
    max: delay.max / 1e6,
  }
}
