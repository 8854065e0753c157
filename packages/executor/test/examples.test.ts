import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

async function lines(example: string): Promise<string[]> {
  const file = fileURLToPath(new URL(`../examples/${example}`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, file])
  return stdout.trim().split('\n')
}

describe('examples', () => {
  it('politely.ts fetches what there is, and says what there is not', async () => {
    const printed = await lines('politely.ts')

    expect(printed.at(-1)).toBe('3 done, 1 failed')
    expect(printed.slice(0, -1).toSorted()).toEqual([
      'given up: Error: http://b.test/gone is gone',
      'http://a.test/1 after 1 attempt',
      'http://a.test/flaky after 3 attempts',
      'http://b.test/2 after 1 attempt',
    ])
  })

  it('night-shift.ts gets through the night', async () => {
    await expect(lines('night-shift.ts')).resolves.toEqual([
      '00:00 still here',
      '01:00 backup',
      '01:30 drink some water',
      '02:00 still here',
      '04:00 still here',
      'heartbeat: done, reminder: done',
    ])
  })
})
