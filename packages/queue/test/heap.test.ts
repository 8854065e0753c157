import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uncaughtFrom } from '../../core/test/fixtures/uncaught.ts'
import { Heap } from '../src/heap.ts'

interface Bead {
  readonly weight: number
}

const lighter = (one: Bead, other: Bead): boolean => one.weight < other.weight

function emptied(heap: Heap<Bead>): (number | undefined)[] {
  return Array.from({ length: heap.size }, () => heap.shift()?.weight)
}

describe('Heap', () => {
  it('is empty at first', () => {
    const heap = new Heap<Bead>(lighter)

    expect([heap.size, heap.first, heap.shift()]).toEqual([0, undefined, undefined])
  })

  it('gives its nodes out in order', () =>
    fc.assert(
      fc.property(fc.array(fc.integer()), (weights) => {
        const heap = new Heap<Bead>(lighter)

        for (const weight of weights) heap.push({ weight })

        expect(emptied(heap)).toEqual(weights.toSorted((one, other) => one - other))
      }),
    ))

  it('gives its nodes out in order while others come', () =>
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer())), (steps) => {
        const heap = new Heap<Bead>(lighter)
        const sorted: number[] = []

        for (const weight of steps) {
          if (weight === null) {
            expect(heap.shift()?.weight).toBe(sorted.shift())
          } else {
            heap.push({ weight })
            sorted.push(weight)
            sorted.sort((one, other) => one - other)
          }
          expect([heap.size, heap.first?.weight]).toEqual([sorted.length, sorted[0]])
        }
      }),
    ))

  it('loses no node and gives none twice if comparing throws while one is taken', async () => {
    let isTaking = false
    const heap = new Heap<Bead>((one, other) => {
      if (isTaking && other.weight === 6) throw new Error('incomparable')
      return lighter(one, other)
    })
    for (const weight of [4, 2, 6, 1, 5, 3, 7]) heap.push({ weight })

    isTaking = true
    let weights: (number | undefined)[] = []
    const uncaught = await uncaughtFrom(() => (weights = emptied(heap)))

    expect(weights).toHaveLength(7)
    expect(weights[0]).toBe(1)
    expect(new Set(weights)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
    expect(uncaught).toContainEqual(new Error('incomparable'))
  })

  it('compares so often as the logarithm of its size', () => {
    let comparisons = 0
    const heap = new Heap<Bead>((one, other) => {
      comparisons++
      return lighter(one, other)
    })
    for (let index = 0; index < 4 ** 6; index++) heap.push({ weight: (index * 7919) % 4096 })

    const costs = Array.from({ length: heap.size }, () => {
      comparisons = 0
      heap.shift()
      return comparisons
    })

    // Six levels below the root, with four children on each.
    expect(Math.max(...costs)).toBeLessThanOrEqual(6 * 4)
  })
})
