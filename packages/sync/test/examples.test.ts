import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it('run: bank.ts', async () => {
    const program = new URL('../examples/bank.ts', import.meta.url)
    const lines = ['3 of 4 transfers, nothing lost.', 'Ada has 180', 'Bob has 30', 'Cyd has 90', '']

    expect(await runProgram(program)).toEqual({ code: 0, stdout: lines.join('\n'), stderr: '' })
  })
})
