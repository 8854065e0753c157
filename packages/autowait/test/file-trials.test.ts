import { describe, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import {
  appearingByRename,
  appearingInGlob,
  appearingInHalves,
  appearingWithParents,
} from './fixtures/file-trials.ts'
import { runTrials } from './fixtures/trials.ts'

expectNoLeaks()

const onLinux = it.runIf(process.platform === 'linux')

/** The same two thousand times: `file-trials.slow.test.ts`. */
const TRIALS = 100

describe('waitForFile(), a hundred times each', () => {
  it('misses no file whose parents are being made', () => runTrials(TRIALS, appearingWithParents))

  it('misses no file that is renamed into its place', () => runTrials(TRIALS, appearingByRename))

  onLinux('takes no file that is written in two halves before it is whole', () =>
    runTrials(TRIALS, appearingInHalves),
  )

  it('misses no match of a glob', () => runTrials(TRIALS, appearingInGlob))
})
