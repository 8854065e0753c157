// Kills by chance; the full number of them is in the slow part.
import { describe } from 'vitest'
import { itNeverGivesAnIdTwice } from './fixtures/kill-rounds.ts'

describe('a generator with a mark in a file, killed at any moment', () => {
  itNeverGivesAnIdTwice(8, 100)
})
