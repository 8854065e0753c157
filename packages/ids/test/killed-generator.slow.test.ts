// The full number of kills.
import { describe } from 'vitest'
import { itNeverGivesAnIdTwice } from './fixtures/kill-rounds.ts'

describe('a generator with a mark in a file, killed at any moment', () => {
  itNeverGivesAnIdTwice(150, 10_000)
})
