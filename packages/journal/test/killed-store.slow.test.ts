import { expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { killSetters } from './killed-store.ts'

it('a process that is killed while it changes and compacts a store loses nothing acknowledged', async () => {
  const report = await killSetters(100, randomFrom(printedSeed('kill -9 of a store')))

  console.log(
    `kill -9 of a store: ${report.kills} kills, ${report.acknowledged} changes acknowledged`,
  )
  expect(report.problems).toEqual([])
  expect(report.acknowledged).toBeGreaterThan(0)
})
