// What do a million devices cost: a beat, a sweep that finds a hundred lost, and memory?
//
//   node --expose-gc --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     packages/heartbeat/bench/heartbeat.bench.ts
//
// Runs for about half a minute and takes half a gigabyte.
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { Clock } from '@cupola/core'
import { HeartbeatMonitor, phiAccrual, type Session } from '@cupola/heartbeat'

const DEVICES = 1_000_000
const ROUNDS = 7
const LIMIT_MS = 30_000
const LOST = 100

/** A clock whose timers are never due. */
class BenchClock implements Clock {
  readonly now: () => number
  wall = (): number => Date.now()
  setTimer = () => ({ cancel() {}, ref() {}, unref() {}, [Symbol.dispose]() {} })

  constructor(now: () => number) {
    this.now = now
  }
}

interface Row {
  readonly what: string
  readonly median: number
  readonly worst: number
  readonly unit: string
}

const rows: Row[] = []
const keys = Array.from({ length: DEVICES }, (_, index) => `device-${index}`)
const shuffled = keys.toSorted(() => Math.random() - 0.5)

measureSweeps()
measureBeats()
measureBeats('phi-accrual, ')
measureMixedLimits()
print()

function measureBeats(prefix = ''): void {
  const detector = prefix === '' ? undefined : phiAccrual({ window: 16 })
  const clock = new BenchClock(() => performance.now())
  const before = memory()
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock, detector })
  for (const key of keys) monitor.activate(key)
  const perDevice = (memory() - before) / DEVICES
  rows.push({
    what: `${prefix}memory per device`,
    median: perDevice,
    worst: perDevice,
    unit: 'bytes',
  })

  const sessions = keys.map((key) => monitor.activate(key))
  const random = sessions.toSorted(() => Math.random() - 0.5)
  rate(`${prefix}refresh by session, in any order`, () => refreshAll(monitor, random))
  if (prefix !== '') return
  rate(`${prefix}refresh by session, in turn`, () => refreshAll(monitor, sessions))
  rate(`${prefix}refresh by key, in turn`, () => refreshAll(monitor, keys))
  rate(`${prefix}refresh by key, in any order`, () => refreshAll(monitor, shuffled))
}

/** On a clock that only goes when it is told to, however slow the machine is. */
function measureSweeps(): void {
  let now = 0
  const clock = new BenchClock(() => now)
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock, sweepMs: 1e9 })
  const sessions = keys.map((key) => monitor.activate(key))
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    now += LIMIT_MS - 10_000
    for (const session of sessions.slice((round + 1) * LOST)) monitor.refresh(session)
    monitor.takeLost()
    now += 10_000
    const begin = performance.now()
    const lost = monitor.takeLost()
    tookMs.push(performance.now() - begin)
    if (lost.length !== LOST) throw new Error(`${lost.length} lost, expected ${LOST}`)
    for (const session of sessions.slice((round + 1) * LOST)) monitor.refresh(session)
  }
  rows.push({ what: `a sweep with ${LOST} lost`, ...middle(tookMs), unit: 'ms' })
}

function measureMixedLimits(): void {
  const clock = new BenchClock(() => performance.now())
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock })
  const sessions = keys.map((key, index) =>
    monitor.activate(key, undefined, { lostAfterMs: LIMIT_MS + (index % 10_000) }),
  )
  rate('refresh by session, 10,000 different limits', () => refreshAll(monitor, sessions))
}

function refreshAll(monitor: HeartbeatMonitor, targets: readonly (Session | string)[]): void {
  for (const target of targets) monitor.refresh(target)
}

/** Millions a second. */
function rate(what: string, run: () => void): void {
  const rates: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const begin = performance.now()
    run()
    if (round >= 0) rates.push(DEVICES / 1000 / (performance.now() - begin))
  }
  const { median } = middle(rates)
  rows.push({ what, median, worst: Math.min(...rates), unit: 'million/s' })
}

function middle(values: readonly number[]): { median: number; worst: number } {
  const sorted = values.toSorted((one, other) => one - other)
  return { median: sorted[sorted.length >> 1] ?? Number.NaN, worst: sorted.at(-1) ?? Number.NaN }
}

function memory(): number {
  globalThis.gc?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + Math.max(external, arrayBuffers)
}

function print(): void {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' })
  const processors = cpus()
  console.log(`Node ${process.version}, ${processors.length} × ${processors[0]?.model}, ${commit}`)
  console.log(`${DEVICES.toLocaleString('en')} devices, ${ROUNDS} rounds`)
  console.table(
    rows.map(({ what, median, worst, unit }) => ({
      what,
      median: Number(median.toFixed(2)),
      worst: Number(worst.toFixed(2)),
      unit,
    })),
  )
}
