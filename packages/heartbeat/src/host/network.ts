import { networkInterfaces } from 'node:os'
import { readText } from './read-text.ts'

/** What went through a network interface. */
export interface NetworkReport {
  readonly name: string
  readonly addresses: readonly string[]
  /** Since it is there. */
  readonly receivedBytes: number | undefined
  readonly sentBytes: number | undefined
  /** On average since the report before. */
  readonly receivedBytesPerSecond: number | undefined
  readonly sentBytesPerSecond: number | undefined
}

interface Traffic {
  readonly receivedBytes: number
  readonly sentBytes: number
}

/**
 * Reads what there is to know of each interface.
 *
 * @param before - What was read so many seconds ago.
 * @param path - Where Linux counts. Elsewhere nobody does whom one could ask without a program.
 */
export async function readNetwork(
  before: readonly NetworkReport[],
  seconds: number,
  path = '/proc/net/dev',
): Promise<NetworkReport[]> {
  const traffic = parseTraffic((await readText(path)) ?? '')
  const addresses = networkInterfaces()
  const names = new Set([...Object.keys(addresses), ...traffic.keys()])
  return Array.from(names, (name) => {
    const { receivedBytes, sentBytes } = traffic.get(name) ?? {}
    const last = before.find((report) => report.name === name)
    return {
      name,
      addresses: (addresses[name] ?? []).map(({ address }) => address),
      receivedBytes,
      sentBytes,
      receivedBytesPerSecond: rateOf(last?.receivedBytes, receivedBytes, seconds),
      sentBytesPerSecond: rateOf(last?.sentBytes, sentBytes, seconds),
    }
  })
}

/** Two lines of headings; then a name, eight columns of what was received, eight of what was sent. */
function parseTraffic(text: string): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>()
  for (const line of text.split('\n').slice(2)) {
    const [name, columns] = line.split(/:\s*/)
    const numbers = (columns ?? '').trim().split(/\s+/).map(Number)
    const [receivedBytes, sentBytes] = [numbers[0], numbers[8]]
    if (name === undefined || !isCount(receivedBytes) || !isCount(sentBytes)) continue
    traffic.set(name.trim(), { receivedBytes, sentBytes })
  }
  return traffic
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}

/** A counter that went back began anew: there is no rate then. */
function rateOf(
  before: number | undefined,
  now: number | undefined,
  seconds: number,
): number | undefined {
  if (before === undefined || now === undefined || now < before || !(seconds > 0)) return undefined
  return (now - before) / seconds
}
