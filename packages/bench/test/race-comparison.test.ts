import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { executorRace } from '../src/executors/executor-workloads.ts'
import { idRace } from '../src/ids/id-workloads.ts'
import { lockRace } from '../src/locks/lock-race.ts'
import { poolRace } from '../src/pools/pool-race.ts'
import { queueRace } from '../src/queues/queue-workloads.ts'
import type { Race } from '../src/races/race.ts'
import { raceComparison } from '../src/races/race-comparison.ts'
import { exported, ifInstalled, loadRival, loadRivals } from '../src/races/rivals.ts'

/** A race in which ours takes half as long as theirs. */
function raceOn(clock: VirtualClock, result = 10): Race {
  const taking = (ms: number, gives: number) => async () => {
    await clock.advance(ms)
    return gives
  }
  return {
    name: 'spoons',
    question: 'Which?',
    unit: 'spoons',
    ours: ['wood'],
    libraries: ['tin'],
    open: (rivals) => [
      {
        name: 'soup',
        title: 'Soup.',
        times: 10,
        expected: (times) => times,
        contestants: {
          wood: taking(5, 10),
          ...ifInstalled(rivals, 'tin', (rival) => ({
            tin: taking(exported<number>(rival, 'ms'), result),
          })),
          'floor: a finger': taking(1, 10),
        },
      },
    ],
  }
}

describe('raceComparison', () => {
  it('compares with who is installed', async () => {
    const clock = new VirtualClock()

    const findings = await raceComparison(raceOn(clock), clock).run({
      rounds: 3,
      folder: withTin('exports.ms = 10'),
    })

    expect(findings.answer).toEqual([
      'soup: wood does 2.00 k spoons per second, 2.00 times as many as tin.',
    ])
    expect(findings.tables[0]?.rows).toEqual([
      ['wood', '2.00 k', '2.00 k – 2.00 k', ''],
      ['tin', '1.00 k', '1.00 k – 1.00 k', '2.00'],
      ['floor: a finger', '10.0 k', '10.0 k – 10.0 k', '0.200'],
    ])
    expect(findings.measurements[0]?.figures['operationsPerSecond']?.rounds).toEqual([
      2000, 2000, 2000,
    ])
    expect(findings).toMatchObject({ missing: [], failures: [], complete: true })
    expect(findings.notes).toContain('tin 7.8.9')
  })

  it('says what to install', async () => {
    const clock = new VirtualClock()

    const { missing, answer } = await raceComparison(raceOn(clock), clock).run({ folder: '/' })

    expect(missing).toEqual(['tin is not installed here: npm install tin'])
    expect(answer).toEqual(['soup: wood does 2.00 k spoons per second.'])
  })

  it('names who does less than it should', async () => {
    const clock = new VirtualClock()

    const { failures, answer } = await raceComparison(raceOn(clock, 9), clock).run({
      folder: withTin('exports.ms = 1'),
    })

    expect(failures).toEqual(['soup, tin: its loop gave 9, not 10'])
    expect(answer).toEqual(['soup: wood does 2.00 k spoons per second.'])
  })

  it('gives what it has when it is interrupted', async () => {
    const clock = new VirtualClock()
    const { complete } = await raceComparison(raceOn(clock), clock).run({
      folder: '/',
      signal: AbortSignal.abort(),
    })

    expect(complete).toBe(false)
  })
})

describe.each([executorRace, idRace, lockRace, poolRace, queueRace])(
  'the race of $name',
  (race) => {
    it('has a loop for every rival that is installed, and all do what they should', async () => {
      const rivals = await loadRivals(race.libraries, join(import.meta.dirname, '../../../bench'))

      expect([...rivals.keys()]).toEqual(race.libraries)
      for (const { contestants, expected, close } of race.open(rivals)) {
        for (const loop of Object.values(contestants)) {
          const result = await loop(2000)
          expect(result).toBe(expected?.(2000) ?? result)
          expect(result).toSatisfy(Number.isFinite)
        }
        await close?.()
      }
    })

    it('does without any of them', () => {
      for (const { contestants } of race.open(new Map())) {
        expect(race.ours.some((name) => name in contestants)).toBe(true)
      }
    })
  },
)

describe('loadRival', () => {
  it('finds nothing where nothing is', async () => {
    expect(await loadRival('tin', '/')).toBeUndefined()
  })
})

/** A folder in which somebody has installed tin. */
function withTin(code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-rivals-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const home = join(folder, 'node_modules/tin')
  mkdirSync(home, { recursive: true })
  writeFileSync(
    join(home, 'package.json'),
    '{ "name": "tin", "version": "7.8.9", "main": "tin.js" }',
  )
  writeFileSync(join(home, 'tin.js'), code)
  return folder
}
