import { expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { killAppenders } from './killing.ts'

it('a process that is killed while it appends loses nothing acknowledged', async () => {
  const report = await killAppenders(500, randomFrom(printedSeed('kill -9')))

  console.log(`kill -9: ${report.kills} kills, ${report.acknowledged} records acknowledged`)
  expect(report.problems).toEqual([])
  expect(report.acknowledged).toBeGreaterThan(0)
})
