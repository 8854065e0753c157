import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it('run: metadata.ts', async () => {
    const program = new URL('../examples/metadata.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({
      code: 0,
      stdout:
        'The editor ended by SIGKILL, and left [["/reports/may",{"owner":"ada","bytes":1450}]].\n',
      stderr: '',
    })
  })
})
