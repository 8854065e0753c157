// How fast is `Journal`, next to lmdb, better-sqlite3 and classic-level? Every record is on disk before
// its append is over, for everybody.
//
//   node bench/journals/build-better-sqlite3.mjs
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/journal.bench.ts
//
// `--report <file>` keeps what was printed in `bench/results`; `--round <ms>` says how long each of them
// appends at a time. Runs for about two minutes, and writes a few hundred MB to the folder for temporary
// files, which should be on a disk.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Journal } from '@cupola/journal'
import { type Contestant, contestants } from './journals/contestants.ts'
import {
  atLeast,
  atMost,
  median,
  quantile,
  range,
  Report,
  type Requirement,
  whole,
} from './report.ts'

const ROUNDS = 9
const APPENDERS = [1, 16, 256]
const PAYLOAD = Buffer.alloc(256, 7)
const REPLAYED = 1_000_000

/** What one contestant did in the rounds of one number of appenders. */
interface Measured {
  readonly rates: number[]
  readonly latencies: number[]
}

const { values } = parseArgs({
  options: { report: { type: 'string' }, round: { type: 'string', default: '500' } },
})
const roundMs = Number(values.round)
/** How many records each should have at the end. */
const appended = new Map<Contestant, number>()
const folder = mkdtempSync(join(tmpdir(), 'cupola-bench-'))
const report = new Report()
try {
  report.print('# Journals side by side', '')
  report.machine()
  report.print('', `${ROUNDS} rounds of ${roundMs} ms, in which the contestants take turns.`, '')
  report.conclude([...(await appending()), ...(await replaying())], values.report)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function appending(): Promise<Requirement[]> {
  const open = new Map<string, Contestant>()
  for (const [name, openOne] of Object.entries(contestants)) {
    open.set(name, await openOne(join(folder, name.replaceAll(/\W+/g, '-'))))
  }
  const requirements: Requirement[] = []
  for (const appenders of APPENDERS) {
    const measured = await measure(open, appenders)
    tell(appenders, measured)
    requirements.push(...requirementsOf(appenders, measured))
  }
  for (const contestant of open.values()) {
    assert.equal(await contestant.count(), appended.get(contestant))
    await contestant.close()
  }
  return requirements
}

async function measure(
  open: ReadonlyMap<string, Contestant>,
  appenders: number,
): Promise<Map<string, Measured>> {
  const entrants = [...open]
  const measured = new Map(
    entrants.map(([name]) => [
      name,
      { rates: new Array<number>(), latencies: new Array<number>() },
    ]),
  )
  for (let round = -1; round < ROUNDS; round++) {
    const first = (round + 1) % entrants.length
    for (const [name, one] of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const { rate, latencies } = await appendFor(one, appenders)
      if (round < 0) continue
      measured.get(name)?.rates.push(rate)
      measured.get(name)?.latencies.push(quantile(latencies, 0.99))
    }
  }
  return measured
}

async function appendFor(
  contestant: Contestant,
  appenders: number,
): Promise<{ rate: number; latencies: number[] }> {
  const latencies: number[] = []
  const begin = performance.now()
  const append = async (): Promise<void> => {
    for (let start = performance.now(); start < begin + roundMs;) {
      await contestant.append(PAYLOAD)
      const end = performance.now()
      latencies.push(end - start)
      start = end
    }
  }
  await Promise.all(Array.from({ length: appenders }, append))
  const tookMs = performance.now() - begin
  appended.set(contestant, (appended.get(contestant) ?? 0) + latencies.length)
  return { rate: (latencies.length * 1000) / tookMs, latencies }
}

function tell(appenders: number, measured: ReadonlyMap<string, Measured>): void {
  report.print(`## ${appenders} at a time`, '')
  const ours = measured.get('Journal')?.rates ?? []
  report.table(
    [...measured].map(([name, { rates, latencies }]) => ({
      '': name,
      'records per second': whole(median(rates)),
      range: range(rates, whole),
      'p99, ms': median(latencies).toFixed(2),
      'Journal is so many times as fast': median(ratios(ours, rates)).toFixed(2),
    })),
  )
}

function requirementsOf(appenders: number, measured: ReadonlyMap<string, Measured>): Requirement[] {
  const ours = measured.get('Journal')?.rates ?? []
  const to = (name: string): number => median(ratios(ours, measured.get(name)?.rates ?? []))
  const sqlite = to('better-sqlite3 one by one, WAL, FULL')
  if (appenders === 1) return [atLeast('1 at a time: Journal to better-sqlite3', 0.6, sqlite)]
  if (appenders !== 256) return []
  const lmdb = Math.min(to('lmdb, until it is flushed'), to('lmdb without overlapping sync'))
  return [
    atLeast('256 at a time: Journal to the faster lmdb', 2, lmdb),
    atLeast('256 at a time: Journal to better-sqlite3', 50, sqlite),
  ]
}

function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((rate, round) => rate / (theirs[round] ?? 0))
}

async function replaying(): Promise<Requirement[]> {
  const journal = await Journal.open(join(folder, 'replay'), { sync: 'os' })
  for (let left = REPLAYED; left > 0; left -= 1000) {
    await journal.appendMany(Array.from({ length: 1000 }, () => ({ payload: PAYLOAD })))
  }
  await journal.sync()
  const rates: number[] = []
  const growths: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const { rate, growthBytes } = await replay(journal)
    if (round < 0) continue
    rates.push(rate)
    growths.push(growthBytes)
  }
  await journal.close()
  report.print(
    '## Reading it all',
    '',
    `${whole(REPLAYED)} records of ${PAYLOAD.length} bytes.`,
    '',
  )
  report.table([
    {
      '': 'Journal',
      'records per second': whole(median(rates)),
      range: range(rates, whole),
      'memory at most, MB more': (median(growths) / 1e6).toFixed(1),
    },
  ])
  return [
    atLeast('replay: records per second', 500_000, median(rates)),
    atMost('replay: MB of memory more than before', 64, median(growths) / 1e6),
  ]
}

async function replay(journal: Journal): Promise<{ rate: number; growthBytes: number }> {
  const before = process.memoryUsage.rss()
  let most = before
  let count = 0
  const begin = performance.now()
  for await (const { payload } of journal.read()) {
    if (payload.length !== PAYLOAD.length) throw new Error('Wrong length')
    if (++count % 65_536 === 0) most = Math.max(most, process.memoryUsage.rss())
  }
  const tookMs = performance.now() - begin
  assert.equal(count, REPLAYED)
  return { rate: (count * 1000) / tookMs, growthBytes: most - before }
}
