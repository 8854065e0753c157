// Answers to tokio's `time_delay_queue` and Netty's `HashedWheelTimerTest`, as far as they speak of a
// store of timers: nothing early, nothing lost, removed from anywhere, rescheduled both ways.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fifo } from '../src/fifo.ts'
import { TimerHeap } from '../src/timer-heap.ts'

interface Node {
  index: number
  readonly order: number
}

describe('TimerHeap', () => {
  it('is an array that is sorted after each step', () => {
    const anyDue = fc.oneof(
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(0.5, 2 ** 40, Infinity),
    )
    const step = fc.record({
      due: anyDue,
      take: fc.constantFrom('push', 'push', 'push', 'shift', 'remove'),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const heap = new TimerHeap<Node>()
        let reference: { node: Node; due: number }[] = []
        for (const [order, { due, take, which }] of steps.entries()) {
          const node = { index: -1, order }
          if (take === 'push') {
            heap.push(node, due)
            reference.push({ node, due })
            reference.sort((one, other) =>
              one.due === other.due ? one.node.order - other.node.order : one.due - other.due,
            )
          } else if (reference.length > 0) {
            const gone = reference[take === 'shift' ? 0 : which % reference.length]?.node ?? node
            expect([heap.remove(gone), heap.remove(gone), gone.index]).toEqual([true, false, -1])
            reference = reference.filter((each) => each.node !== gone)
          }
          expect(heap.first).toBe(reference[0]?.node)
          expect(heap.firstDue).toBe(reference[0]?.due ?? Infinity)
          expect(heap.size).toBe(reference.length)
        }
        for (const { node, due } of reference) expect(heap.dueOf(node)).toBe(due)
      }),
      { numRuns: 100 },
    )
  })

  it('does not hold a node of another heap', () => {
    const heap = new TimerHeap<Node>()
    const other = new TimerHeap<Node>()
    const node = { index: -1, order: 0 }
    heap.push({ index: -1, order: 1 }, 1)
    other.push(node, 1)

    expect(heap.remove(node)).toBe(false)
    expect(other.size).toBe(1)
  })
})

describe('Fifo', () => {
  it('is an array from which any may be taken', () => {
    const step = fc.record({
      take: fc.constantFrom('push', 'push', 'shift', 'remove'),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const fifo = new Fifo<Node>()
        let reference: Node[] = []
        for (const [order, { take, which }] of steps.entries()) {
          if (take === 'push') {
            const node = { index: -1, order }
            fifo.push(node)
            reference.push(node)
          } else if (take === 'shift') {
            expect(fifo.shift()).toBe(reference.shift())
          } else if (reference.length > 0) {
            const node = reference[which % reference.length] ?? { index: -1, order }
            expect([fifo.remove(node), fifo.remove(node)]).toEqual([true, false])
            reference = reference.filter((each) => each !== node)
          }
          expect([...fifo]).toEqual(reference)
          expect([fifo.size, fifo.first]).toEqual([reference.length, reference[0]])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('stays in order over many times its size', () => {
    const fifo = new Fifo<Node>()
    let next = 0
    for (let order = 0; order < 10_000; order++) {
      fifo.push({ index: -1, order })
      if (order % 3 > 0) expect(fifo.shift()?.order).toBe(next++)
    }

    expect(fifo.size).toBe(10_000 - next)
    while (fifo.size > 0) expect(fifo.shift()?.order).toBe(next++)
  })
})
