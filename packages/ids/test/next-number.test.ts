import { nextNumber, NumberSequence } from '@cupola/ids'
import { describe, expect, it, vi } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { messageOf } from './fixtures/threads.ts'
import type { TakenNumbers, TakeNumbers } from './fixtures/take-numbers.ts'
import { untyped } from '../../../test/untyped.ts'

const THREADS = 8
const TIMES = 20_000

function takeInThread(task: TakeNumbers): Promise<TakenNumbers> {
  return messageOf<TakenNumbers>('take-numbers.ts', task)
}

function sorted(all: readonly TakenNumbers[]): Float64Array {
  return Float64Array.from(all.flatMap(({ numbers }) => [...numbers])).sort()
}

describe('nextNumber()', () => {
  it('counts from 0, by each name for itself', () => {
    expect([nextNumber('a name'), nextNumber('a name')]).toEqual([0, 1])
    expect(nextNumber('another name')).toBe(0)
  })

  it('gives every number once over all threads, without a gap, and each its own in order', async () => {
    const before = nextNumber()

    const tasks = Array.from({ length: THREADS }, () => takeInThread({ times: TIMES }))
    const taken = await Promise.all(tasks)

    expect(taken.every(({ ascending }) => ascending)).toBe(true)
    expect(isWithoutGap(sorted(taken), before + 1)).toBe(true)
    expect(nextNumber()).toBe(before + 1 + THREADS * TIMES)
  })

  it('counts on where a second copy of the package is in the process', async () => {
    const before = nextNumber('of two copies')

    vi.resetModules()
    const copy = await import('@cupola/ids')

    expect(copy.nextNumber).not.toBe(nextNumber)
    expect(copy.nextNumber('of two copies')).toBe(before + 1)
    expect(nextNumber('of two copies')).toBe(before + 2)
  })

  it('is NumberSequence.named() by that name', () => {
    nextNumber('shared with an object')

    expect(NumberSequence.named('shared with an object').next()).toBe(1)
  })

  it('is refused where the numbers of that name are others', () => {
    NumberSequence.named('from 5', { start: 5 })

    expect(() => nextNumber('from 5')).toThrow(
      new TypeError(
        'Cannot use the sequence "from 5": got other options than where it was first used, expected the same',
      ),
    )
  })

  it.each([
    [5, 'number'],
    [null, 'null'],
    [{}, 'object'],
    [['a name'], 'array'],
  ])('refuses %s for a name', (name, got) => {
    expect(() => nextNumber(untyped(name))).toThrow(
      new TypeError(`Cannot use name: got ${got}, expected a string`),
    )
  })

  it('says that a thread was started too early, and goes on when it is not', async () => {
    const program = new URL('fixtures/early-thread.ts', import.meta.url)

    const { stdout, stderr } = await runProgram(program)

    expect(stderr).toBe('')
    expect(stdout.split('\n')).toEqual([
      'early: Cannot count for the whole process: this thread was started before the main thread used ' +
        '@cupola/ids; call nextNumber() there before starting threads, or send this one the handle ' +
        'of a NumberSequence',
      'early: another nonce after a reseed',
      'late: 1',
      'late: another nonce after a reseed',
      'started by the late one: 2',
      'started by the late one: another nonce after a reseed',
      'main: 3',
      '',
    ])
  })

  it('has room for 1,023 names in a process', async () => {
    const { stdout } = await runProgram(new URL('fixtures/many-names.ts', import.meta.url))

    expect(stdout).toBe(
      'true\nFullError: Cannot name another sequence: the process has 1023 of them\n1\n',
    )
  })
})

describe('a NumberSequence that travels', () => {
  it('gives every number once, whatever the blocks', async () => {
    const { handle } = new NumberSequence()

    const taken = await Promise.all([
      takeInThread({ times: TIMES, handle }),
      takeInThread({ times: TIMES, handle, block: 64 }),
      takeInThread({ times: TIMES, handle, block: 1000 }),
    ])

    const numbers = sorted(taken)
    expect(taken.every(({ ascending }) => ascending)).toBe(true)
    expect(new Set(numbers).size).toBe(3 * TIMES)
    expect(numbers.at(-1)).toBeLessThan(3 * TIMES + 64 + 1000)
  })

  it('gives nobody what is left of the block of a thread that has ended', async () => {
    const sequence = new NumberSequence()

    const { numbers } = await takeInThread({ times: 10, handle: sequence.handle, block: 64 })

    expect([...numbers]).toEqual([...new Array(10).keys()])
    expect(sequence.next()).toBe(64)
  })
})

function isWithoutGap(numbers: Float64Array, first: number): boolean {
  return numbers.every((number, index) => number === first + index)
}
