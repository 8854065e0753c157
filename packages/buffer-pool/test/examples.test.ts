import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it('run: copy-file.ts', async () => {
    const program = new URL('../examples/copy-file.ts', import.meta.url)
    const stdout = 'The copy is good.\n0 blocks are in use.\n'

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
