import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('examples', () => {
  it('stretch-passwords.ts digests while the event loop turns', async () => {
    const { stdout, stderr, code } = await runProgram(example('stretch-passwords.ts'))

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^(?:\w+ +[\da-f]{16}…\n){4}The event loop kept turning\.\n$/)
  })

  it('fan-out.ts brings a folder to all hosts but the one that is out of order', async () => {
    const { stdout, stderr, code } = await runProgram(example('fan-out.ts'))

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(
      /^(?:host[1-4]: \d+ files\n){4}host5: failed\n(?:host[678]: \d+ files\n){3}$/,
    )
  })

  it('give-up.ts goes on after every trouble', async () => {
    const { stdout, stderr, code } = await runProgram(example('give-up.ts'))

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout.split('\n')).toEqual([
      'timed out after 50 ms',
      'behind it: 42',
      'BrokenError: Cannot finish the call of "exit": its thread ended with exit code 3',
      'ENOENT',
      '{ completed: 1, failed: 2, cancelled: 1, started: 2, crashed: 1 }',
      '',
    ])
  })
})

function example(file: string): URL {
  return new URL(`../examples/${file}`, import.meta.url)
}
