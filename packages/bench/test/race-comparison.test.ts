import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { executorRace } from '../src/executors/executor-workloads.ts'
import { idRace } from '../src/ids/id-workloads.ts'
import { lockRace } from '../src/locks/lock-race.ts'
import { poolRace } from '../src/pools/pool-race.ts'
import { queueRace } from '../src/queues/queue-workloads.ts'
import type { Race, RaceWorkload } from '../src/races/race.ts'
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
    subject: 'wood',
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
      'Next to the best of the others on this machine, wood is faster in 1 of 1 workload.',
      'soup: wood does 2.00 k spoons per second, 2.00 times as many as tin.',
    ])
    expect(findings.tables[0]?.rows).toEqual([
      ['wood', '2.00 k', '2.00 k – 2.00 k', '100 %'],
      ['tin', '1.00 k', '1.00 k – 1.00 k', '50.0 %'],
      ['floor: a finger', '10.0 k', '10.0 k – 10.0 k', '500 %'],
    ])
    expect(findings.measurements[0]?.figures['operationsPerSecond']?.rounds).toEqual([
      2000, 2000, 2000,
    ])
    expect(findings.settings).toEqual({ rounds: 3, warmUpRounds: 3 })
    expect(findings.measurements[0]?.settings).toEqual({ timesPerTurn: 10 })
    expect(findings).toMatchObject({ missing: [], failures: [], complete: true })
    expect(findings.notes).toContain('tin 7.8.9')
  })

  it('says what to install', async () => {
    const clock = new VirtualClock()

    const { missing, answer } = await raceComparison(raceOn(clock), clock).run({ folder: '/' })

    expect(missing).toEqual(['tin is not installed here: npm install tin'])
    expect(answer).toEqual([
      'There was nobody to compare wood with.',
      'soup: wood does 2.00 k spoons per second.',
    ])
  })

  it('does not judge by a single round', async () => {
    const clock = new VirtualClock()

    const { answer } = await raceComparison(raceOn(clock), clock).run({
      rounds: 1,
      folder: withTin('exports.ms = 10'),
    })

    expect(answer).toEqual([
      'Next to the best of the others on this machine, wood is not to be told apart in 1 of 1 workload.',
      'soup: wood does 2.00 k spoons per second, 2.00 times as many as tin, which one round does not prove.',
    ])
  })

  it('says it in one line, of several', async () => {
    const clock = new VirtualClock()
    const race: Race = { ...raceOn(clock), libraries: ['tin', '@silver/spoon'] }

    const { missing } = await raceComparison(race, clock).run({ rounds: 1, folder: '/' })

    expect(missing).toEqual([
      'tin and @silver/spoon are not installed here: npm install tin @silver/spoon',
    ])
  })

  it('draws no bar for who failed, and no plot where all did', async () => {
    const clock = new VirtualClock()
    const race = raceOn(clock, 9)
    const fails = () => Promise.reject(new Error('it bends'))
    const burnt = { name: 'stew', title: 'Burnt.', times: 10, contestants: { wood: fails } }
    const meal: Race = { ...race, open: (rivals) => [...race.open(rivals), burnt] }
    const folder = withTin('exports.ms = 1')

    const { plots, failures } = await raceComparison(meal, clock).run({ rounds: 1, folder })

    expect(failures).toEqual(['soup, tin: its loop gave 9, not 10', 'stew, wood: it bends'])
    expect(plots.map(({ title, series }) => [title, series.map(({ name }) => name)])).toEqual([
      ['soup: Soup.', ['wood']],
    ])
  })

  it('names who does less than it should', async () => {
    const clock = new VirtualClock()

    const { failures, answer } = await raceComparison(raceOn(clock, 9), clock).run({
      folder: withTin('exports.ms = 1'),
    })

    expect(failures).toEqual(['soup, tin: its loop gave 9, not 10'])
    expect(answer).toEqual([
      'There was nobody to compare wood with.',
      'soup: wood does 2.00 k spoons per second.',
    ])
  })

  it('tells who is faster, and who cannot be told apart', async () => {
    const clock = new VirtualClock()
    const race = raceOn(clock)
    const about = { title: 'Served.', times: 10 }
    const meal: Race = {
      ...race,
      open: (rivals) => [
        ...race.open(rivals),
        { ...about, name: 'stew', contestants: stewOn(clock) },
        { ...about, name: 'tea', contestants: teaOn(clock) },
      ],
    }

    const { answer } = await raceComparison(meal, clock).run({
      rounds: 4,
      folder: withTin('exports.ms = 10'),
    })

    expect(answer).toEqual([
      'Next to the best of the others on this machine, wood is faster in 1, ' +
        'not to be told apart in 1 and slower in 1 of 3 workloads.',
      'soup: wood does 2.00 k spoons per second, 2.00 times as many as tin.',
      'stew: wood does 1.50 k spoons per second, 1.00 times as many as tin, which the rounds cannot tell apart.',
      'tea: wood does 1.00 k spoons per second, 0.500 times as many as tin.',
    ])
  })

  it('goes on without a library that cannot be loaded, and names it', async () => {
    const clock = new VirtualClock()

    const { failures, missing, answer } = await raceComparison(raceOn(clock), clock).run({
      folder: withTin("throw new Error('it wants another Node.js')"),
    })

    expect(failures).toEqual(['tin cannot be loaded: it wants another Node.js'])
    expect(missing).toEqual([])
    expect(answer[1]).toBe('soup: wood does 2.00 k spoons per second.')
  })

  it('refuses sizes, which it has none of', async () => {
    const running = raceComparison(raceOn(new VirtualClock())).run({ sizes: [1] })

    await expect(running).rejects.toThrow(new RangeError('Cannot use sizes: spoons has none'))
  })

  it('gives what it has when it is interrupted', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const { complete, measurements } = await raceComparison(raceOn(clock), clock).run({
      folder: '/',
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 2) controller.abort()
      },
    })

    expect(complete).toBe(false)
    expect(measurements[0]?.figures['operationsPerSecond']?.rounds).toEqual([2000, 2000])
  })

  it('measures nothing if it is interrupted before', async () => {
    const clock = new VirtualClock()
    const { complete, answer } = await raceComparison(raceOn(clock), clock).run({
      folder: '/',
      signal: AbortSignal.abort(),
    })

    expect(complete).toBe(false)
    expect(answer).toEqual(['There was nobody to compare wood with.'])
  })

  it('ends what its loops have opened, also if who hears how far it is throws', async () => {
    const clock = new VirtualClock()
    const race = raceOn(clock)
    const closed: string[] = []
    const close = async () => void closed.push('soup')
    const open: Race['open'] = (rivals) => race.open(rivals).map((each) => ({ ...each, close }))
    const reason = new Error('nobody listens')

    const running = raceComparison({ ...race, open }, clock).run({
      folder: '/',
      onProgress: ({ done }) => {
        if (done === 1) throw reason
      },
    })

    await expect(running).rejects.toBe(reason)
    expect(closed).toEqual(['soup'])
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
  it('looks below the current folder, if it is not told all of the path', async () => {
    const folder = relative(process.cwd(), withTin('exports.ms = 10'))

    expect(await loadRival('tin', folder)).toMatchObject({ version: '7.8.9' })
  })

  it('finds nothing where nothing is', async () => {
    expect(await loadRival('tin', '/')).toBeUndefined()
  })
})

/** Both take 5 ms and 10 ms in turn. */
function stewOn(clock: VirtualClock): RaceWorkload['contestants'] {
  const taking = () => {
    let turn = 0
    return async () => {
      await clock.advance(turn++ % 2 === 0 ? 5 : 10)
      return 10
    }
  }
  return { wood: taking(), tin: taking() }
}

/** Ours takes twice as long. */
function teaOn(clock: VirtualClock): RaceWorkload['contestants'] {
  const taking = (ms: number) => async () => {
    await clock.advance(ms)
    return 10
  }
  return { wood: taking(10), tin: taking(5) }
}

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
