// One contestant of the workload `memory`: makes a million calls at once, waits for them, but not
// for ever, and prints what that took.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     bench/pools/queue-a-million.ts 'piscina, default'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { openAlone } from './alone.ts'

export const CALLS = 1_000_000
export const LIMIT_SECONDS = 15

/** What one contestant's program prints. */
export interface Drained {
  readonly settled: number
  /** Until the last call had been made, and nothing else could happen. */
  readonly madeSeconds: number
  /** Until all had settled or {@link LIMIT_SECONDS} were over. */
  readonly seconds: number
  readonly bytesBefore: number
  readonly peakBytes: number
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await drain(argv[2] ?? '')))
  // Whatever is still queued is nobody's any more.
  process.exit()
}

async function drain(name: string): Promise<Drained> {
  const pool = await openAlone(name)
  const bytesBefore = process.memoryUsage.rss()
  const start = performance.now()
  const secondsSince = () => (performance.now() - start) / 1000
  let settled = 0
  const calls: Promise<void>[] = []
  for (let index = 0; index < CALLS; index++) {
    calls.push(pool.run('add', { x: index, y: 1 }).then(() => void settled++))
  }
  const madeSeconds = secondsSince()
  let limit: NodeJS.Timeout | undefined
  const limitReached = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, Math.max(LIMIT_SECONDS - madeSeconds, 0) * 1000)
  })
  await Promise.race([Promise.all(calls), limitReached])
  clearTimeout(limit)
  const peakBytes = process.resourceUsage().maxRSS * 1024
  return { settled, madeSeconds, seconds: secondsSince(), bytesBefore, peakBytes }
}
