import { describe } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { itMissesAndDoublesNoLine } from './fixtures/text-trials.ts'

expectNoLeaks()

describe('waitForText(), a hundred times each', () => {
  itMissesAndDoublesNoLine(100)
})
