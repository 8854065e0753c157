// Kills by chance; the full number of them is in the slow part.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { idsOfKilledPrograms } from './fixtures/kill-rounds.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-ids-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a generator with a mark in a file, killed at any moment', () => {
  it('never gives an id twice', async () => {
    const random = randomFrom(printedSeed('killed generators'))

    const ids = await idsOfKilledPrograms(folder, 8, random)

    expect(ids.length).toBeGreaterThan(100)
    expect(ids).toEqual([...new Set(ids)].sort())
  })
})
