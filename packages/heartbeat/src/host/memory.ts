import { freemem, totalmem } from 'node:os'
import { readText } from './read-text.ts'

/** How much memory the machine has. */
export interface MachineMemory {
  readonly totalBytes: number
  /**
   * What programs can get without others having to give any up, what is cached included. `undefined` on
   * macOS, which only tells what nobody uses.
   */
  readonly availableBytes: number | undefined
}

/** @param path - Where Linux says it. */
export async function readMemory(path = '/proc/meminfo'): Promise<MachineMemory> {
  const text = (await readText(path)) ?? ''
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  if (available !== undefined) {
    return { totalBytes: totalmem(), availableBytes: Number(available) * 1024 }
  }
  const isFreeAvailable = process.platform === 'win32'
  return { totalBytes: totalmem(), availableBytes: isFreeAvailable ? freemem() : undefined }
}
