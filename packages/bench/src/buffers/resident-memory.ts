import { readFileSync } from 'node:fs'

const KIB_PER_MIB = 1024

/** What the process has in memory now. */
export function residentMiB(): number {
  return process.memoryUsage.rss() / 2 ** 20
}

/**
 * The most that the process ever had in memory: the kernel keeps it, and misses nothing between two looks.
 *
 * Not what `process.resourceUsage()` tells on Linux: there, a process that is started inherits the peak of
 * the one that starts it.
 */
export function peakResidentMiB(): number {
  if (process.platform === 'linux') {
    const status = readFileSync('/proc/self/status', 'utf8')
    const kib = /^VmHWM:\s*(?<kib>\d+) kB$/m.exec(status)?.groups?.['kib']
    if (kib !== undefined) return Number(kib) / KIB_PER_MIB
  }
  return process.resourceUsage().maxRSS / KIB_PER_MIB
}
