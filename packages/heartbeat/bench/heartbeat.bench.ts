// What do a million devices cost: a beat, a sweep that finds a hundred lost, and memory?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source \
//     packages/heartbeat/bench/heartbeat.bench.ts
//
// `--report <file>` keeps what was printed in `bench/results`. Runs for about half a minute and takes half a
// gigabyte. The floor of a beat by key is the `Map` of V8 with the same keys, which has to be asked who it is.
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '@cupola/core'
import { HeartbeatMonitor, phiAccrual, type Session } from '@cupola/heartbeat'
import {
  atLeast,
  atMost,
  median,
  range,
  Report,
  type Requirement,
  short,
  whole,
} from '../../../bench/report.ts'

const DEVICES = 1_000_000
const ROUNDS = 7
const LIMIT_MS = 30_000
const LOST = 100

/** What is required: so many million beats a second, and a sweep within so many milliseconds. */
const BEATS = 2
const SWEEP_MS = 5

/** A clock whose timers are never due. */
class BenchClock implements Clock {
  readonly now: () => number
  wall = (): number => Date.now()
  setTimer = () => ({ cancel() {}, ref() {}, unref() {}, [Symbol.dispose]() {} })

  constructor(now: () => number) {
    this.now = now
  }
}

const { values } = parseArgs({ options: { report: { type: 'string' } } })
const keys = Array.from({ length: DEVICES }, (_, index) => `device-${index}`)
const shuffled = keys.toSorted(() => Math.random() - 0.5)
const collectGarbage = garbageCollector()
const rates: { readonly what: string; readonly millions: readonly number[] }[] = []
const required: Requirement[] = []

const report = new Report()
report.print('# A million heartbeats', '')
report.machine()
report.print(`${whole(DEVICES)} devices, ${ROUNDS} rounds after one to warm up`, '')
const bytes = measureBeats()
measureSweeps()
const learningBytes = measureLearning()
measureMixedLimits()
report.print('## Beats', '')
report.table(
  rates.map(({ what, millions }) => ({
    '': what,
    'million a second': short(median(millions)),
    range: range(millions, short),
  })),
)
report.print('## Memory', '')
report.table([
  { '': 'deadline()', 'bytes a device': whole(bytes) },
  { '': 'phiAccrual({ window: 16 })', 'bytes a device': whole(learningBytes) },
])
report.conclude(required, values.report)

/** On a clock that only goes when it is told to, however slow the machine is. */
function measureSweeps(): void {
  let now = 0
  const clock = new BenchClock(() => now)
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock, sweepMs: 1e9 })
  const sessions = keys.map((key) => monitor.activate(key))
  const tookMs: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const alive = sessions.slice((round + 2) * LOST)
    now += LIMIT_MS - 10_000
    for (const session of alive) monitor.refresh(session)
    monitor.takeLost()
    now += 10_000
    const begin = performance.now()
    const lost = monitor.takeLost()
    if (round >= 0) tookMs.push(performance.now() - begin)
    if (lost.length !== LOST) throw new Error(`${lost.length} lost, expected ${LOST}`)
    for (const session of alive) monitor.refresh(session)
  }
  report.print('## Sweeps', '')
  report.table([
    { '': `${LOST} are lost`, milliseconds: short(median(tookMs)), range: range(tookMs, short) },
  ])
  required.push(atMost(`a sweep with ${LOST} lost, in milliseconds`, SWEEP_MS, median(tookMs)))
}

/** @returns Bytes of each device. */
function measureBeats(): number {
  const clock = new BenchClock(() => performance.now())
  const before = memory()
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock })
  for (const key of keys) monitor.activate(key)
  const perDevice = (memory() - before) / DEVICES
  const sessions = keys.map((key) => monitor.activate(key))
  const random = sessions.toSorted(() => Math.random() - 0.5)

  held('by session, in any order', () => refreshAll(monitor, random))
  held('by session, in turn', () => refreshAll(monitor, sessions))
  rate('by key, in turn', () => refreshAll(monitor, keys))
  rate('by key, in any order', () => refreshAll(monitor, shuffled))
  const slots = new Map(keys.map((key, index) => [key, index]))
  rate('floor: Map.get(), in any order', () => {
    for (const key of shuffled) if (slots.get(key) === undefined) throw new Error('not there')
  })
  return perDevice
}

/** @returns Bytes of each device. */
function measureLearning(): number {
  const clock = new BenchClock(() => performance.now())
  const before = memory()
  const detector = phiAccrual({ window: 16 })
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock, detector })
  for (const key of keys) monitor.activate(key)
  const perDevice = (memory() - before) / DEVICES
  const random = keys.map((key) => monitor.activate(key)).toSorted(() => Math.random() - 0.5)
  rate('phiAccrual(), by session, in any order', () => refreshAll(monitor, random))
  return perDevice
}

function measureMixedLimits(): void {
  const clock = new BenchClock(() => performance.now())
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock })
  const sessions = keys.map((key, index) =>
    monitor.activate(key, undefined, { lostAfterMs: LIMIT_MS + (index % 10_000) }),
  )
  rate('10,000 different limits, by session, in turn', () => refreshAll(monitor, sessions))
}

function refreshAll(monitor: HeartbeatMonitor, targets: readonly (Session | string)[]): void {
  for (const target of targets) monitor.refresh(target)
}

/** Measures what has to be as fast as is required. */
function held(what: string, run: () => void): void {
  required.push(atLeast(`${what}, million beats a second`, BEATS, median(rate(what, run))))
}

/** @returns Millions a second, round by round. */
function rate(what: string, run: () => void): readonly number[] {
  const millions: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const begin = performance.now()
    run()
    if (round >= 0) millions.push(DEVICES / 1000 / (performance.now() - begin))
  }
  rates.push({ what, millions })
  return millions
}

function memory(): number {
  // Once more for the arrays of what was found to be gone.
  for (let times = 0; times < 3; times++) collectGarbage()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + Math.max(external, arrayBuffers)
}

/** Without having to ask for it on the command line. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('There is no garbage collector to call')
  return () => void Reflect.apply(collect, undefined, [])
}
