import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import {
  replacedByRename,
  writtenAcrossRotation,
  writtenAcrossTruncation,
  writtenInParts,
} from './fixtures/text-trials.ts'
import { runTrials } from './fixtures/trials.ts'

expectNoLeaks()

const TRIALS = 2000

describe('waitForText(), two thousand times each', () => {
  it('misses and doubles no line that is written in parts', () =>
    expect(runTrials(TRIALS, writtenInParts)).resolves.toBe(TRIALS))

  it('misses and doubles no line that is written across a rotation', () =>
    expect(runTrials(TRIALS, writtenAcrossRotation)).resolves.toBe(TRIALS))

  it('misses and doubles no line when the file is emptied', () =>
    expect(runTrials(TRIALS, writtenAcrossTruncation)).resolves.toBe(TRIALS))

  it('misses and doubles no line when the file is replaced', () =>
    expect(runTrials(TRIALS, replacedByRename)).resolves.toBe(TRIALS))
})
