import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it.each([
    ['fair-queue.ts', 'In turn: a1 b1 c1 a2 b2 a3 a4\n'],
    ['retry-later.ts', 'Fetched /home at attempt 1, /help at attempt 1, /busy at attempt 3.\n'],
  ])('run: %s', async (name, stdout) => {
    const program = new URL(`../examples/${name}`, import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
