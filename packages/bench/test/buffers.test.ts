import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { buffersWith } from '../src/buffers/buffers.ts'
import type { Cell } from '../src/buffers/cell.ts'
import { contractProblem } from '../src/buffers/contract.ts'
import { lenders } from '../src/buffers/lenders.ts'
import { runCell } from '../src/buffers/run-cell.ts'
import { comparisons } from '../src/index.ts'
import { roundWith, steadyRound } from './fixtures/rounds.ts'

const KIB = 1024
const steady = buffersWith(async (cell) => ({ round: steadyRound(cell) }))
const tiny = {
  alive: 4,
  lives: 'equal',
  threads: 1,
  effort: { warmUpMs: 1, measureMs: 1 },
} as const

describe('buffers', () => {
  it('says for which sizes a pool pays', async () => {
    const { answer, complete } = await steady.run({ quick: true, sizes: [KIB, 4 * KIB, 132 * KIB] })

    expect(complete).toBe(true)
    expect(answer).toEqual([
      'On this machine a BufferPool pays for buffers of 4 KiB and 132 KiB; ' +
        'it makes no difference for buffers of 1 KiB.',
      'That is with 64 alive, equal lives, 1 thread.',
      'At 4 KiB it lends 10.0 times as many per second as Buffer.allocUnsafe, the fastest of ' +
        'Node.js; its worst pause is 5.00 ms next to 5.00 ms.',
    ])
  })

  it('says that it cannot judge where the rounds overlap', async () => {
    let turn = 0
    const { answer } = await buffersWith(async ({ contestant }) => {
      const rate = contestant === 'BufferPool' ? 2000 : 1000
      return { round: roundWith({ operationsPerSecond: turn++ < 9 ? 1500 : rate }) }
    }).run({ quick: true, sizes: [KIB] })

    expect(answer[0]).toBe('On this machine a BufferPool cannot be judged for buffers of 1 KiB.')
    expect(answer.at(-1)).toContain('measure again')
  })

  it('says that it pays where only the worst pause is shorter, and that it costs where it is slower', async () => {
    const worst = { p50: 1, p90: 1, p99: 1, p999: 1, worst: 100 }
    const { answer } = await buffersWith(async ({ contestant, sizeBytes }) => {
      if (contestant !== 'BufferPool') return { round: roundWith() }
      const round = sizeBytes === KIB ? { operationsPerSecond: 500 } : { pausesUs: worst }
      return { round: roundWith(round) }
    }).run({ quick: true, sizes: [KIB, 2 * KIB] })

    expect(answer[0]).toBe(
      'On this machine a BufferPool pays for buffers of 2 KiB; it costs for buffers of 1 KiB.',
    )
  })

  it('does not judge by a single round', async () => {
    const { answer } = await steady.run({ quick: true, rounds: 1, sizes: [4 * KIB] })

    expect(answer[0]).toContain('cannot be judged')
  })

  it('lets the contestants take turns, each round with another in front', async () => {
    const turns: string[] = []
    await buffersWith(async (cell) => {
      turns.push(cell.contestant)
      return { round: steadyRound(cell) }
    }).run({ quick: true, rounds: 2, sizes: [KIB] })

    const names = Object.keys(lenders)
    expect(turns).toEqual([...names, ...names.slice(1), ...names.slice(0, 1)])
  })

  it('gives every round of every figure', async () => {
    let turn = 0
    const { measurements } = await buffersWith(async () => ({
      round: roundWith({ operationsPerSecond: ++turn }),
    })).run({ quick: true, rounds: 2, sizes: [KIB] })

    expect(measurements).toHaveLength(9)
    expect(measurements[0]).toMatchObject({
      contestant: 'Buffer.alloc',
      workload: '1 KiB, 64 alive, equal lives, 1 thread',
      figures: { operationsPerSecond: { rounds: [1, 18], median: 9.5, low: 1, high: 18 } },
    })
  })

  it('is content with a whole round when the half minute is over', async () => {
    const clock = new VirtualClock()
    let turns = 0
    const comparison = buffersWith(async (cell) => {
      turns++
      await clock.advance(10_000)
      return { round: steadyRound(cell) }
    }, clock)

    const { complete } = await comparison.run({ quick: true, sizes: [KIB, 2 * KIB] })

    expect(turns).toBe(18)
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

    const findings = await comparison.run({ quick: true, signal: controller.signal })

    expect(findings.complete).toBe(false)
    expect(findings.measurements).toHaveLength(4)
    expect(findings.answer).toEqual(['Too little was measured to say anything.'])
    expect(turns).toBe(5)
  })

  it('names who fails the contract, and measures the others', async () => {
    const { failures, measurements } = await buffersWith(async (cell) =>
      cell.contestant === 'array of Buffers'
        ? { problem: 'two buffers share bytes' }
        : { round: steadyRound(cell) },
    ).run({ quick: true, sizes: [KIB] })

    expect(failures).toEqual([
      'array of Buffers, 1 KiB, 64 alive, equal lives, 1 thread: two buffers share bytes',
    ])
    expect(measurements).toHaveLength(8)
  })

  it.each([
    ['rounds', { rounds: 0 }],
    ['rounds', { rounds: 1.5 }],
    ['sizes', { sizes: [0] }],
    ['sizes', { sizes: [2 ** 30] }],
  ])('rejects bad %s', async (name, options) => {
    await expect(steady.run(options)).rejects.toThrow(name)
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

    await expect(runCell(cell, undefined)).rejects.toThrow(/nobody is called so/)
  })

  it('ends its process when it is aborted', async () => {
    const controller = new AbortController()
    const effort = { warmUpMs: 1, measureMs: 50_000 }
    const cell: Cell = { contestant: 'Buffer.alloc', sizeBytes: 8, ...tiny, effort }
    const running = runCell(cell, controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)

    await expect(running).rejects.toBe(reason)
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
