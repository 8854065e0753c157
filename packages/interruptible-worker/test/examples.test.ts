import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('examples', () => {
  it('give-up-a-search.ts goes on in the same thread', async () => {
    const program = new URL('../examples/give-up-a-search.ts', import.meta.url)

    const { stdout, stderr, code } = await runProgram(program)

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout.split('\n').sort()).toEqual([
      '',
      '"count" was ended: checkpoint',
      '"search" was ended: execution',
      'TimeoutError',
      "[ 'some', 'words' ] true",
      'counted for a while',
    ])
  })
})
