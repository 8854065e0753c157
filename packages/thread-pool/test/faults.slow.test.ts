import { describe } from 'vitest'
import { itSurvivesFaults } from './fixtures/fault-facts.ts'

describe('a pool under random faults, for long', () => {
  itSurvivesFaults(100_000)
})
