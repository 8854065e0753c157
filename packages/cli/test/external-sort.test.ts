import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digest } from '@cupola/cli'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExternalSort } from '../src/digest/external-sort.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

const records = fc.array(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  { maxLength: 200 },
)

describe('ExternalSort', () => {
  it('sorts like an array, by bytes, however little memory it may use', () =>
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 20_000 }), (unsorted, runBytes) => {
        expect(sortedBy(runBytes, unsorted)).toEqual(unsorted.toSorted(byBytes))
      }),
    ))

  it('sorts runs that are longer than what the merge reads at once', () => {
    const unsorted = Array.from({ length: 20_000 }, (_, index) => String((index * 7919) % 20_000))

    expect(sortedBy(300_000, unsorted)).toEqual(unsorted.toSorted())
  })

  it('gives equal records as often as they were added', () => {
    expect(sortedBy(1, ['b', 'a', 'b', 'a'])).toEqual(['a', 'a', 'b', 'b'])
  })

  it('gives nothing if nothing was added', () => {
    expect(sortedBy(1, [])).toEqual([])
  })
})

describe('digest() with little memory to sort in', () => {
  it('writes the same manifest and finds the same duplicates', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `folder ${index % 7}/file ${index}`)
    const folder = tree(Object.fromEntries(names.map((name, index) => [name, `${index % 100}`])))
    const [small, large] = [join(temporaryFolder(), 'small'), join(temporaryFolder(), 'large')]

    const spilled = await digest(folder, { output: small, sortMemoryBytes: 1 })
    const inMemory = await digest(folder, { output: large })

    expect(readFileSync(small, 'latin1')).toBe(readFileSync(large, 'latin1'))
    expect(spilled.duplicates).toEqual(inMemory.duplicates)
    expect(spilled.duplicates).toMatchObject({ groups: 100, files: 400, wastedBytes: 760 })
  })
})

function sortedBy(runBytes: number, unsorted: readonly string[]): string[] {
  const sort = new ExternalSort({ runBytes })
  for (const record of unsorted) sort.add(Buffer.from(record, 'latin1'))
  const sorted = [...sort.sorted()]
  sort.close()
  return sorted
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
}
