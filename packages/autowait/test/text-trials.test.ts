import { describe, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import {
  replacedByRename,
  writtenAcrossRotation,
  writtenAcrossTruncation,
  writtenInParts,
} from './fixtures/text-trials.ts'
import { runTrials } from './fixtures/trials.ts'

expectNoLeaks()

/** The same two thousand times: `text-trials.slow.test.ts`. */
const TRIALS = 100

describe('waitForText(), a hundred times each', () => {
  it('misses and doubles no line that is written in parts', () => runTrials(TRIALS, writtenInParts))

  it('misses and doubles no line that is written across a rotation', () =>
    runTrials(TRIALS, writtenAcrossRotation))

  it('misses and doubles no line when the file is emptied', () =>
    runTrials(TRIALS, writtenAcrossTruncation))

  it('misses and doubles no line when the file is replaced', () =>
    runTrials(TRIALS, replacedByRename))
})
