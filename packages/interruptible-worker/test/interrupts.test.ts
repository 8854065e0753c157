import { describe, expect, it } from 'vitest'
import { runStorm } from './fixtures/storms.ts'

describe('interrupts that race with the end of tasks', () => {
  it.each(['no hooks', 'hooks'] as const)(
    'hit nothing else, lose nothing, and abort no process: 300 of them, %s',
    async (hooks) => {
      const { wrong, interrupts, stats } = await runStorm(process.execPath, 300, hooks)

      expect(wrong).toEqual([])
      expect(interrupts).toBe(300)
      expect(stats).toMatchObject({ crashed: 0, lost: 0 })
    },
  )
})
