import { describe } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { itMissesAndDoublesNoLine } from './fixtures/text-trials.ts'

expectNoLeaks()

describe('waitForText(), two thousand times each', () => {
  itMissesAndDoublesNoLine(2000)
})
