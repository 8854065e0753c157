import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { buffersWith } from '../src/buffers/buffers.ts'
import type { Cell } from '../src/buffers/cell.ts'
import { contractProblem } from '../src/buffers/contract.ts'
import { lenders } from '../src/buffers/lenders.ts'
import { measureLoop } from '../src/buffers/measure-loop.ts'
import { inheritable, runCell } from '../src/buffers/run-cell.ts'
import { turnOrder } from '../src/turn-order.ts'
import { comparisons, type Progress } from '../src/index.ts'
import { roundWith, steadyRound } from './fixtures/rounds.ts'

const KIB = 1024
const steady = buffersWith(async (cell) => ({ round: steadyRound(cell) }))
const tiny = {
  alive: 4,
  lives: 'equal',
  threads: 1,
  timing: { warmUpMs: 1, measureMs: 1 },
} as const

describe('buffers', () => {
  it('says for which sizes a pool pays', async () => {
    const { answer, complete } = await steady.run({
      effort: 'quick',
      sizes: [KIB, 4 * KIB, 132 * KIB],
    })

    expect(complete).toBe(true)
    expect(answer).toEqual([
      'On this machine a BufferPool pays for buffers of 4 KiB and 132 KiB; ' +
        'it makes no difference for buffers of 1 KiB.',
      'That is with 64 alive, equal lives, 1 thread.',
      'At 4 KiB a buffer takes 33.3 µs instead of the 333 µs of Buffer.allocUnsafe, the fastest of ' +
        'Node.js: it lends 10.0 times as many per second (10.0 – 10.0), and saves 300 ms in a thousand.',
      'Its longest pause there was 5.00 ms, next to 5.00 ms.',
    ])
  })

  it('says that it cannot judge where the rounds overlap', async () => {
    let turn = 0
    const { answer } = await buffersWith(async ({ contestant }) => {
      const rate = contestant === 'BufferPool' ? 2000 : 1000
      return { round: roundWith({ operationsPerSecond: turn++ < 10 ? 1500 : rate }) }
    }).run({ effort: 'quick', sizes: [KIB] })

    expect(answer[0]).toBe('On this machine a BufferPool cannot be judged for buffers of 1 KiB.')
    expect(answer.at(-1)).toContain('measure again')
  })

  it('does not say that there is no difference where the rounds would allow for twice the rate', async () => {
    let turn = 0
    const { answer, summary } = await buffersWith(async () => {
      const operationsPerSecond = Math.floor(turn++ / 10) === 1 ? 450 : 1000
      return { round: roundWith({ operationsPerSecond }) }
    }).run({ effort: 'quick', sizes: [KIB] })

    expect(answer[0]).toBe('On this machine a BufferPool cannot be judged for buffers of 1 KiB.')
    expect(summary?.rows).toEqual([['1 KiB', 'unclear', '1.00', '0.450 – 2.22', 'Buffer.alloc']])
  })

  it('does not pay for shorter pauses that nobody notices', async () => {
    const { answer } = await buffersWith(async ({ contestant }) => {
      const worst = contestant === 'BufferPool' ? 100 : 900
      return { round: roundWith({ pausesUs: { p50: 1, p90: 1, p99: 1, p999: 1, worst } }) }
    }).run({ effort: 'quick', sizes: [KIB] })

    expect(answer[0]).toContain('makes no difference')
  })

  it('shows the worst of all rounds as the worst', async () => {
    let turn = 0
    const { tables, plots } = await buffersWith(async () => {
      const worst = turn++ < 10 ? 7000 : 3000
      return { round: roundWith({ pausesUs: { p50: 1, p90: 1, p99: 1, p999: 1, worst } }) }
    }).run({ effort: 'quick', sizes: [KIB] })

    expect(tables[1]?.columns[3]).toBe('worst µs')
    expect(tables[1]?.rows[0]?.[3]).toBe('7.00 k')
    expect(plots[1]?.series[0]?.points.at(-1)).toEqual([4, 7000])
  })

  it('says that it pays where only the worst pause is shorter, and that it costs where it is slower', async () => {
    const worst = { p50: 1, p90: 1, p99: 1, p999: 1, worst: 100 }
    const { answer } = await buffersWith(async ({ contestant, sizeBytes }) => {
      if (contestant !== 'BufferPool') return { round: roundWith() }
      const round = sizeBytes === KIB ? { operationsPerSecond: 500 } : { pausesUs: worst }
      return { round: roundWith(round) }
    }).run({ effort: 'quick', sizes: [KIB, 2 * KIB] })

    expect(answer[0]).toBe(
      'On this machine a BufferPool pays for buffers of 2 KiB; it costs for buffers of 1 KiB.',
    )
  })

  it('does not judge by a single round', async () => {
    const options = { effort: 'quick', rounds: 1, sizes: [KIB, 4 * KIB] } as const
    const { answer, notes } = await steady.run(options)

    expect(answer[0]).toBe(
      'On this machine a BufferPool cannot be judged for buffers of 1 KiB and 4 KiB.',
    )
    expect(answer.at(-1)).toContain('where there is but one round')
    expect(notes[0]).toContain('the median of up to 1 round,')
  })

  it('lets the contestants take turns, each round with another in front', async () => {
    const turns: string[] = []
    await buffersWith(async (cell) => {
      turns.push(cell.contestant)
      return { round: steadyRound(cell) }
    }).run({ effort: 'quick', rounds: 2, sizes: [KIB] })

    const names = Object.keys(lenders)
    expect(turns).toEqual([...turnOrder(names, 0), ...turnOrder(names, 1)])
  })

  it('gives every round of every figure', async () => {
    let round = 0
    const { measurements, settings } = await buffersWith(async ({ contestant }) => {
      if (contestant === 'Buffer.alloc') round++
      return { round: roundWith({ operationsPerSecond: round }) }
    }).run({ effort: 'quick', rounds: 2, sizes: [KIB] })

    expect(measurements).toHaveLength(10)
    expect(measurements[0]).toMatchObject({
      contestant: 'Buffer.alloc',
      workload: '1 KiB, 64 alive, equal lives, 1 thread',
      settings: { sizeBytes: 1024, alive: 64, lives: 'equal', threads: 1 },
      figures: { operationsPerSecond: { rounds: [1, 2], median: 1.5, low: 1, high: 2 } },
    })
    expect(settings).toEqual({
      rounds: 2,
      warmUpMs: 20,
      measureMs: 30,
      pageBytes: 4096,
      poolSizeBytes: Buffer.poolSize,
    })
  })

  it('tells how many turns there will be, also if the time is over before all of them', async () => {
    const clock = new VirtualClock()
    const progress: Progress[] = []
    const comparison = buffersWith(async (cell) => {
      await clock.advance(500)
      return { round: steadyRound(cell) }
    }, clock)

    await comparison.run({
      effort: 'quick',
      sizes: [KIB, 2 * KIB],
      onProgress: (each) => progress.push(each),
    })

    expect(progress.map(({ all }) => all)).toEqual([60, ...new Array<number>(49).fill(50)])
  })

  it('shows bars where there is but one size', async () => {
    const { plots } = await steady.run({ effort: 'quick', sizes: [KIB] })

    expect(plots[0]).toMatchObject({
      title: 'Throughput: 1 KiB, 64 alive, equal lives, 1 thread',
      kind: 'bars',
    })
    expect(plots[0]?.series.map(({ name }) => name)).toEqual(Object.keys(lenders).slice(0, -1))
  })

  it('is content with two rounds, to judge by, when the half minute is over', async () => {
    const clock = new VirtualClock()
    let turns = 0
    const comparison = buffersWith(async (cell) => {
      turns++
      await clock.advance(10_000)
      return { round: steadyRound(cell) }
    }, clock)

    const { complete } = await comparison.run({ effort: 'quick', sizes: [KIB, 2 * KIB] })

    expect(turns).toBe(40)
    expect(complete).toBe(true)
  })

  it('gives what it has when it is interrupted', async () => {
    const controller = new AbortController()
    let turns = 0
    const comparison = buffersWith(async (cell, signal) => {
      if (++turns === 5) controller.abort()
      signal?.throwIfAborted()
      return { round: steadyRound(cell) }
    })

    const findings = await comparison.run({ effort: 'quick', signal: controller.signal })

    expect(findings.complete).toBe(false)
    expect(findings.measurements).toHaveLength(4)
    expect(findings.failures).toEqual([])
    expect(findings.answer).toEqual(['Too little was measured to say anything.'])
    expect(turns).toBe(5)
  })

  it('names who fails the contract, and measures the others', async () => {
    const { failures, measurements } = await buffersWith(async (cell) =>
      cell.contestant === 'array of Buffers'
        ? { problem: 'two buffers share bytes' }
        : { round: steadyRound(cell) },
    ).run({ effort: 'quick', sizes: [KIB] })

    expect(failures).toEqual([
      'array of Buffers, 1 KiB, 64 alive, equal lives, 1 thread: two buffers share bytes',
    ])
    expect(measurements).toHaveLength(9)
  })

  it('goes on without one whose process dies, and does not start it again', async () => {
    let deaths = 0
    const { failures, measurements, complete } = await buffersWith(async (cell) => {
      if (cell.contestant !== 'Buffer.alloc') return { round: steadyRound(cell) }
      deaths++
      throw new BrokenError('measure it', 'its process was ended by SIGKILL')
    }).run({ effort: 'quick', sizes: [KIB] })

    expect(failures).toEqual([
      'Buffer.alloc, 1 KiB, 64 alive, equal lives, 1 thread: ' +
        'Cannot measure it: its process was ended by SIGKILL',
    ])
    expect(deaths).toBe(1)
    expect(measurements).toHaveLength(9)
    expect(complete).toBe(true)
  })

  it('measures each size once, and larger slabs only where Node.js cuts buffers from them', async () => {
    const { tables } = await steady.run({ effort: 'quick', sizes: [512 * KIB, KIB, KIB] })

    expect(tables[0]?.columns).toEqual(['', '1 KiB', '512 KiB'])
    expect(tables[0]?.rows[3]).toEqual(['Buffer.poolSize 1 MiB', '2.00 k', ''])
  })

  it('measures other ways to use buffers of the most usual size', async () => {
    const { summary } = await steady.run({ rounds: 1 })

    const workloads = summary?.rows.map(([name]) => name) ?? []
    expect(workloads.slice(0, 9)).toEqual([
      ...['1 KiB', '4 KiB', '16 KiB', '64 KiB', '132 KiB', '1 MiB', '4 MiB'],
      ...['132 KiB, 512 alive', '132 KiB, mixed lives'],
    ])
  })

  it('leaves nothing out if it is to be thorough', async () => {
    const { summary } = await steady.run({ rounds: 1, effort: 'thorough', sizes: [KIB, 4 * KIB] })

    const workloads = summary?.rows.map(([name]) => name) ?? []
    for (const what of ['1 alive', '512 alive', 'mixed lives']) {
      expect(workloads).toContain(`1 KiB, ${what}`)
      expect(workloads).toContain(`4 KiB, ${what}`)
    }
  })

  it.each([
    ['no round', { rounds: 0 }, 'Cannot use rounds: got 0, expected an integer from 1 to 99'],
    [
      'half a round',
      { rounds: 1.5 },
      'Cannot use rounds: got 1.5, expected an integer from 1 to 99',
    ],
    [
      'buffers of nothing',
      { sizes: [0] },
      'Cannot use sizes: got 0, expected an integer from 1 to 67108864',
    ],
    [
      'huge buffers',
      { sizes: [2 ** 30] },
      'Cannot use sizes: got 1073741824, expected an integer from 1 to 67108864',
    ],
    ['no size', { sizes: [] }, 'Cannot use sizes: there are none'],
  ])('refuses %s', async (_, options, message) => {
    await expect(steady.run(options)).rejects.toThrow(new RangeError(message))
  })

  it.each([
    [
      'an effort that there is not',
      { effort: 'great' },
      new TypeError("Cannot use effort: got 'great', expected one of 'quick', 'usual', 'thorough'"),
    ],
    [
      'a number for sizes',
      { sizes: 4 },
      new TypeError('Cannot use sizes: expected an array of numbers'),
    ],
    [
      'a size in words',
      { sizes: ['4KiB'] },
      new TypeError('Cannot use sizes: got string, expected a number'),
    ],
    ['a number for a folder', { folder: 4 }, new TypeError('Cannot use folder: expected a string')],
    [
      'a word for options',
      'quick',
      new TypeError('Cannot use options: got string, expected an object'),
    ],
  ])('refuses %s from who has no compiler', async (_, options: object | string, error) => {
    const refused = Promise.resolve().then(() => Reflect.apply(steady.run, steady, [options]))

    await expect(refused).rejects.toThrow(error)
    await expect(refused).rejects.toBeInstanceOf(error.constructor)
  })
})

describe('contractProblem', () => {
  const cell: Cell = { contestant: 'Buffer.alloc', sizeBytes: 8, ...tiny }
  const fresh = { exchange: () => Buffer.alloc(8), giveBack() {} }
  const one = Buffer.alloc(8)

  it.each([
    ['nothing wrong', fresh, undefined],
    ['a wrong size', { ...fresh, exchange: () => Buffer.alloc(7) }, 'a buffer of 7 bytes, not 8'],
    ['shared bytes', { ...fresh, exchange: () => one }, 'two buffers share bytes'],
    ['no zeros', { ...fresh, exchange: () => Buffer.alloc(8, 1) }, 'bytes that are not zero'],
  ])('finds %s', (_, lender, problem) => {
    expect(contractProblem(lender, cell)).toBe(problem)
  })
})

describe('runCell', () => {
  it.each(Object.keys(lenders))('measures %s in a process of its own', async (contestant) => {
    const answer = await runCell({ contestant, sizeBytes: 4096, ...tiny }, undefined)

    expect(answer).toEqual({ round: expect.anything() })
    if (!('round' in answer)) return
    const { round } = answer
    expect(round.operationsPerSecond).toBeGreaterThan(0)
    expect(round.pausesUs.worst).toBeGreaterThanOrEqual(round.pausesUs.p99)
    expect(round.peakMiB).toBeGreaterThan(10)
    expect(round.memory.length).toBeGreaterThan(1)
  })

  it('measures in several threads, which share a SharedBufferPool', async () => {
    const cell: Cell = { contestant: 'SharedBufferPool', sizeBytes: 4096, ...tiny, threads: 2 }

    expect(await runCell({ ...cell, lives: 'mixed' }, undefined)).toHaveProperty('round')
  })

  it('says what a process that fails had to say', async () => {
    const cell: Cell = { contestant: 'nobody', sizeBytes: 8, ...tiny }

    await expect(runCell(cell, undefined)).rejects.toThrow(
      new BrokenError(
        'measure nobody at 8 bytes',
        'RangeError: Cannot measure nobody: nobody is called so',
      ),
    )
  })

  it('finds the answer below what is printed by what is loaded first', async () => {
    preload(`console.log('hello')`)

    const answer = await runCell({ contestant: 'BufferPool', sizeBytes: 8, ...tiny }, undefined)

    expect(answer).toHaveProperty('round')
  })

  it('rejects if a process ends well but without an answer', async () => {
    preload('process.exit()')
    const running = runCell({ contestant: 'BufferPool', sizeBytes: 8, ...tiny }, undefined)

    await expect(running).rejects.toThrow(
      new BrokenError('measure BufferPool at 8 bytes', 'its process ended without an answer'),
    )
  })

  it('does not count the memory of the process that started it', async () => {
    const mine = Buffer.alloc(300 * 2 ** 20, 1)
    const cell: Cell = { contestant: 'floor: no allocation', sizeBytes: 8, ...tiny }

    const answer = await runCell(cell, undefined)

    expect(mine.at(-1)).toBe(1)
    expect('round' in answer && answer.round.peakMiB).toBeLessThan(250)
  })

  it('ends its process when it is aborted', async () => {
    const controller = new AbortController()
    const timing = { warmUpMs: 1, measureMs: 50_000 }
    const cell: Cell = { contestant: 'Buffer.alloc', sizeBytes: 8, ...tiny, timing }
    const running = runCell(cell, controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)

    await expect(running).rejects.toBe(reason)
  })
})

describe('inheritable', () => {
  it.each([
    ['-e', 'run()'],
    ['--eval', 'run()'],
    ['-p', 'run()'],
    ['-pe', 'run()'],
    ['--eval=run()'],
    ['--input-type=module', '-e', 'run()'],
    ['--inspect-brk=0'],
    ['--interactive'],
  ])('leaves out %s', (...own) => {
    expect(inheritable(['--import', 'a.js', ...own, '-C', 'b'])).toEqual([
      '--import',
      'a.js',
      '-C',
      'b',
    ])
  })
})

/** Until the test is over, each process that is started runs this first. */
function preload(code: string): void {
  const file = join(temporaryFolder(), 'first.cjs')
  writeFileSync(file, code)
  vi.stubEnv('NODE_OPTIONS', `--require ${file}`)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('measureLoop', () => {
  it('times fewer operations than it counts, for that takes longer, and everybody has the same time', async () => {
    const bytes = Buffer.alloc(8)
    const lender = { exchange: () => bytes, giveBack() {} }
    const timing = { warmUpMs: 20, measureMs: 20 }

    const { operations, pauses } = await measureLoop(
      lender,
      { contestant: 'floor', sizeBytes: 8, ...tiny, timing },
      () => {},
    )

    const timed = pauses.counts.reduce((sum, count) => sum + count, 0)
    expect(timed).toBeGreaterThan(0)
    expect(timed).toBeLessThan(operations)
  })
})

describe('comparisons', () => {
  it('have a name, a question and contestants', () => {
    expect(comparisons.map(({ name }) => name)).toEqual([
      'buffers',
      'pool',
      'locks',
      'executor',
      'ids',
      'queue',
    ])
    for (const { question, contestants } of comparisons) {
      expect(question).toMatch(/\?$/)
      expect(contestants.length).toBeGreaterThan(1)
    }
  })
})
