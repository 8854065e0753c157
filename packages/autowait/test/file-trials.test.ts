import { describe } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { itMissesNoFile } from './fixtures/file-trials.ts'

expectNoLeaks()

describe('waitForFile(), a hundred times each', () => {
  itMissesNoFile(100)
})
