import { InvariantError } from '@cupola/core'
import { LinkedList } from '@cupola/core/authoring'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Bead, namesOf } from './fixtures/bead.ts'

const action = fc.record({
  kind: fc.constantFrom('push', 'unshift', 'shift', 'remove'),
  list: fc.nat({ max: 1 }),
  bead: fc.nat({ max: 5 }),
})

it('keeps two lists of the same nodes as two arrays would, whatever is done to them', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      const beads = Array.from({ length: 6 }, (_, index) => new Bead(String(index)))
      const lists = [new LinkedList<Bead>(), new LinkedList<Bead>()] as const
      const models: readonly [Bead[], Bead[]] = [[], []]

      for (const { kind, list: which, bead: index } of actions) {
        const bead = beads[index] ?? new Bead('none')
        const list = which === 0 ? lists[0] : lists[1]
        const model = which === 0 ? models[0] : models[1]
        const taken = models.some((other) => other.includes(bead))

        if (kind === 'shift') expect(list.shift()).toBe(model.shift())
        else if (kind === 'remove') expect(list.remove(bead)).toBe(cut(model, bead))
        else if (taken) expect(() => list[kind](bead)).toThrow(InvariantError)
        else {
          list[kind](bead)
          model[kind](bead)
        }

        expectSame(lists[0], models[0])
        expectSame(lists[1], models[1])
      }
    }),
  )
})

function cut(model: Bead[], bead: Bead): boolean {
  const index = model.indexOf(bead)
  if (index !== -1) model.splice(index, 1)
  return index !== -1
}

function expectSame(list: LinkedList<Bead>, model: readonly Bead[]): void {
  expect(namesOf(list)).toBe(model.map((bead) => bead.name).join(''))
  expect(list.size).toBe(model.length)
  expect(list.first).toBe(model[0])
  expect(list.last).toBe(model.at(-1))
  for (const [index, bead] of model.entries()) {
    expect(bead.list).toBe(list)
    expect(bead.previous).toBe(model[index - 1])
    expect(bead.next).toBe(model[index + 1])
  }
}
