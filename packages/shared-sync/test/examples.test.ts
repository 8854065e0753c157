import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it.each([
    ['survive-a-crash.ts', '90 and 10: the transfer is complete.\n'],
    ['in-step.ts', 'Step by step: 30, 60, 90, 120.\n'],
  ])('run: %s', async (name, stdout) => {
    const program = new URL(`../examples/${name}`, import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
