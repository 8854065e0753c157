import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import {
  appearingByRename,
  appearingInGlob,
  appearingInHalves,
  appearingWithParents,
} from './fixtures/file-trials.ts'
import { runTrials } from './fixtures/trials.ts'

expectNoLeaks()

const isLinux = process.platform === 'linux'

const TRIALS = 2000

describe('waitForFile(), two thousand times each', () => {
  it('misses no file whose parents are being made', () =>
    expect(runTrials(TRIALS, appearingWithParents)).resolves.toBe(TRIALS))

  it('misses no file that is renamed into its place', () =>
    expect(runTrials(TRIALS, appearingByRename)).resolves.toBe(TRIALS))

  it.runIf(isLinux)('takes no file that is written in two halves before it is whole', () =>
    expect(runTrials(TRIALS, appearingInHalves)).resolves.toBe(TRIALS),
  )

  it('misses no match of a glob', () =>
    expect(runTrials(TRIALS, appearingInGlob)).resolves.toBe(TRIALS))
})
