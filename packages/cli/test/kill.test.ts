import { describe, expect, it } from 'vitest'
import { killRounds, NOTHING_WRONG } from './fixtures/kill-rounds.ts'

describe('cupola digest --resume', () => {
  it('loses nothing that was journaled when the command was killed 4 times', async () => {
    expect(await killRounds(4)).toEqual(NOTHING_WRONG)
  })
})
