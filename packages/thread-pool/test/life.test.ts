import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

const PROGRAM = new URL('fixtures/life-program.ts', import.meta.url)

describe('a process', () => {
  it.each([
    { story: 'unused', prints: ['end', 'exit 0'] },
    { story: 'idle', prints: ['3', 'end', 'exit 0'] },
    { story: 'eager', prints: ['end', 'exit 0'] },
    { story: 'given up', prints: ['given up', 'end', 'exit 0'] },
  ])('ends at once with a pool that is $story and never closed', async ({ story, prints }) => {
    const { stdout, stderr } = await runProgram(PROGRAM, story)

    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n')).toEqual(prints)
  })

  it.each([
    { story: 'open', prints: ['end', '3', 'exit 0'] },
    { story: 'queued', prints: ['1', '2', '3', 'end', 'exit 0'] },
  ])('lives until calls that are $story have settled', async ({ story, prints }) => {
    const { stdout, stderr } = await runProgram(PROGRAM, story)

    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(prints.toSorted())
    expect(stdout).toMatch(/exit 0\n$/)
  })

  it.each([
    { story: 'closed', says: [] },
    { story: 'terminated', says: ['over'] },
    { story: 'closed while it ends a call', says: ['given up'] },
  ])('has nothing left when a pool is $story', async ({ story, says }) => {
    const { stdout, stderr } = await runProgram(PROGRAM, story)

    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n')).toEqual([...says, 'left: ', 'end', 'exit 0'])
  })
})
