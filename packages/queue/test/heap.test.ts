import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap, type HeapNode } from '../src/heap.ts'

class Bead implements HeapNode {
  index = -1
  readonly weight: number

  constructor(weight: number) {
    this.weight = weight
  }
}

const lighter = (one: Bead, other: Bead): boolean => one.weight < other.weight

function emptied(heap: Heap<Bead>): number[] {
  return Array.from({ length: heap.size }, () => heap.shift()?.weight ?? Number.NaN)
}

describe('Heap', () => {
  it('is empty at first', () => {
    const heap = new Heap(lighter)

    expect([heap.size, heap.first, heap.shift()]).toEqual([0, undefined, undefined])
  })

  it('gives its nodes out in order', () =>
    fc.assert(
      fc.property(fc.array(fc.integer()), (weights) => {
        const heap = new Heap(lighter)

        for (const weight of weights) heap.push(new Bead(weight))

        expect(emptied(heap)).toEqual(weights.toSorted((one, other) => one - other))
      }),
    ))

  it('lets nodes go from anywhere, and keeps the order of the others', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.boolean())), (all) => {
        const heap = new Heap(lighter)
        const beads = all.map(([weight, leaves]) => ({ bead: new Bead(weight), leaves }))
        for (const { bead } of beads) heap.push(bead)

        for (const { bead, leaves } of beads) if (leaves) expect(heap.remove(bead)).toBe(true)

        const stayed = beads.filter(({ leaves }) => !leaves).map(({ bead }) => bead.weight)
        expect(emptied(heap)).toEqual(stayed.toSorted((one, other) => one - other))
        expect(beads.every(({ bead }) => bead.index === -1)).toBe(true)
      }),
    ))

  it('says no to a node that it does not hold', () => {
    const heap = new Heap(lighter)
    const bead = new Bead(1)
    heap.push(bead)

    expect(new Heap(lighter).remove(bead)).toBe(false)
    expect(heap.remove(new Bead(1))).toBe(false)
    heap.remove(bead)
    expect(heap.remove(bead)).toBe(false)
  })

  it('compares so often as the logarithm of its size, wherever a node is', () => {
    let comparisons = 0
    const heap = new Heap<Bead>((one, other) => {
      comparisons++
      return lighter(one, other)
    })
    const beads = Array.from({ length: 4 ** 6 }, (_, index) => new Bead((index * 7919) % 4096))
    for (const bead of beads) heap.push(bead)

    const costs = beads.map((bead) => {
      comparisons = 0
      heap.remove(bead)
      return comparisons
    })

    // Six levels, with three comparisons among siblings and one with the parent on each.
    expect(Math.max(...costs)).toBeLessThanOrEqual(6 * 4 + 1)
  })
})
