import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('./fixtures/never-answers.ts', import.meta.url))

describe('a process', () => {
  it.each(['waitUntil', 'waitForAll', 'waitForAny'])(
    'does not end while %s waits for what never answers',
    async (name) => {
      const args = [...process.execArgv, script, name]

      const { stdout } = await promisify(execFile)(process.execPath, args)

      expect(stdout).toBe('still waits\n')
    },
  )
})
