import { describe } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { itMissesNoFile } from './fixtures/file-trials.ts'

expectNoLeaks()

describe('waitForFile(), two thousand times each', () => {
  itMissesNoFile(2000)
})
