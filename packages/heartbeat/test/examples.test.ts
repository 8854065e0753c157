import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('examples', () => {
  it('master.ts hears that an agent was killed, and only that one', async () => {
    const { stdout, stderr, code } = await runProgram(
      new URL('../examples/master.ts', import.meta.url),
    )

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const lines = stdout.trim().split('\n')
    expect(lines.slice(0, 2).toSorted()).toEqual([
      expect.stringMatching(/^north is process \d+$/),
      expect.stringMatching(/^south is process \d+$/),
    ])
    expect(lines.slice(2)).toEqual(['north is suspect', 'lost: north', 'south is alive'])
  })
})
