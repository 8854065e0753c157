// How long does it take until code that does not end by itself has been ended, and its thread is free?
// The graces are zero, so this is the price of the termination alone.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     packages/interruptible-worker/bench/interrupt.bench.ts
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { InterruptibleWorker } from '@cupola/interruptible-worker'
import type * as Endless from './endless.ts'

const INTERRUPTS = 1000
const WARM_UPS = 100
const KINDS = ['loop', 'tryLoop', 'expression', 'wait', 'allocate'] as const

const worker = new InterruptibleWorker<typeof Endless>(new URL('./endless.ts', import.meta.url), {
  interruption: { checkpointMs: 0, executionMs: 10_000 },
})
const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
console.log(`# interrupt: ${INTERRUPTS} of each kind, no graces\n`)
console.log(`Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'},`)
console.log(`${availableParallelism()} cores, commit ${commit}\n`)
console.log('| the thread was in | median, ms | p99, ms |')
console.log('| --- | --: | --: |')
print('floor: a call there and back', await times(callOnce))
for (const kind of KINDS) print(kind, await times(async () => await endOnce(kind)))
await worker.close()

async function callOnce(): Promise<number> {
  const start = performance.now()
  await worker.run('nothing', [])
  return performance.now() - start
}

/** Milliseconds from the interrupt to the thread being ready for the next call. */
async function endOnce(kind: (typeof KINDS)[number]): Promise<number> {
  const entered = new Int32Array(new SharedArrayBuffer(4))
  const call = worker.run(kind, [entered]).catch(() => {})
  while (Atomics.load(entered, 0) === 0) await new Promise((resolve) => setImmediate(resolve))
  const { stage, tookMs } = await worker.interrupt()
  await call
  if (stage !== 'execution') throw new Error(`${kind} was ended by ${stage}`)
  return tookMs
}

async function times(once: () => Promise<number>): Promise<number[]> {
  const all: number[] = []
  for (let round = -WARM_UPS; round < INTERRUPTS; round++) {
    const took = await once()
    if (round >= 0) all.push(took)
  }
  return all.sort((a, b) => a - b)
}

function print(kind: string, sorted: readonly number[]): void {
  const [median, p99] = [0.5, 0.99].map((share) => sorted[Math.floor(sorted.length * share)] ?? NaN)
  console.log(`| ${kind} | ${median?.toFixed(2)} | ${p99?.toFixed(2)} |`)
}
