import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it.each([
    ['cache.ts', '51 visitors, 2 loads.\n'],
    ['find-a-deadlock.ts', 'Cannot take the write lock: two locks are taken in both orders\n'],
  ])('run: %s', async (name, stdout) => {
    const program = new URL(`../examples/${name}`, import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
