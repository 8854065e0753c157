import { describe, it } from 'vitest'
import { killRounds } from './fixtures/kill-rounds.ts'

describe('cupola digest --resume', () => {
  it('loses nothing that was journaled when the command was killed 4 times', () => killRounds(4))
})
