import { InvariantError } from '@cupola/core'
import { LinkedList } from '@cupola/core/authoring'
import { describe, expect, it } from 'vitest'
import { Bead, namesOf, stringOf } from './fixtures/bead.ts'

describe('LinkedList', () => {
  it('is empty at first', () => {
    const list = new LinkedList<Bead>()

    expect(list.size).toBe(0)
    expect(list.first).toBeUndefined()
    expect([...list]).toEqual([])
  })
})

describe('LinkedList.push()', () => {
  it('adds at the back', () => {
    const [list] = stringOf('a', 'b', 'c')

    expect(namesOf(list)).toBe('abc')
    expect(list.first?.name).toBe('a')
    expect(list.size).toBe(3)
  })

  it('refuses a node that is in a list already, and changes nothing', () => {
    const [list, [a]] = stringOf('a', 'b')
    const other = new LinkedList<Bead>()

    expect(() => list.push(a)).toThrow(InvariantError)
    expect(() => other.push(a)).toThrow('a node is in one list at most')
    expect(namesOf(list)).toBe('ab')
    expect(other.size).toBe(0)
  })

  it('takes a node back that was removed', () => {
    const [list, [a]] = stringOf('a', 'b')

    list.remove(a)
    list.push(a)

    expect(namesOf(list)).toBe('ba')
  })
})

describe('LinkedList.unshift()', () => {
  it('adds at the front', () => {
    const list = new LinkedList<Bead>()

    list.unshift(new Bead('b'))
    list.unshift(new Bead('a'))

    expect(namesOf(list)).toBe('ab')
    expect(list.first?.name).toBe('a')
  })

  it('refuses a node that is in a list already', () => {
    const [list, [a]] = stringOf('a')

    expect(() => list.unshift(a)).toThrow(InvariantError)
    expect(list.size).toBe(1)
  })
})

describe('LinkedList.shift()', () => {
  it('takes from the front, and undefined when nothing is left', () => {
    const [list] = stringOf('a', 'b')

    const taken = [list.shift()?.name, list.shift()?.name, list.shift()]

    expect(taken).toEqual(['a', 'b', undefined])
    expect(list.size).toBe(0)
  })
})

describe('LinkedList.remove()', () => {
  it.each([
    { where: 'front', index: 0, left: 'bc' },
    { where: 'middle', index: 1, left: 'ac' },
    { where: 'back', index: 2, left: 'ab' },
  ])('takes a node out at the $where', ({ index, left }) => {
    const [list, beads] = stringOf('a', 'b', 'c')
    const bead = beads[index] ?? new Bead('none')

    expect(list.remove(bead)).toBe(true)

    expect(namesOf(list)).toBe(left)
    expect(list.size).toBe(2)
    expect(bead).toMatchObject({ previous: undefined, next: undefined, list: undefined })
  })

  it('takes as many steps from the middle of 1,000 as from the middle of 10', () => {
    expect(stepsToRemoveFromTheMiddleOf(1000)).toBe(stepsToRemoveFromTheMiddleOf(10))
  })

  it('empties the list with its only node', () => {
    const [list, [a]] = stringOf('a')

    list.remove(a)

    expect(list.first).toBeUndefined()
    list.push(new Bead('b'))
    expect(namesOf(list)).toBe('b')
  })

  it('says false for a node that is in no list, and for one of another list', () => {
    const [list] = stringOf('a')
    const [other, [b]] = stringOf('b')

    expect(list.remove(new Bead('c'))).toBe(false)
    expect(list.remove(b)).toBe(false)
    expect([namesOf(list), namesOf(other)]).toEqual(['a', 'b'])
  })
})

describe('LinkedList[Symbol.iterator]()', () => {
  it('lets the node just handed out be removed', () => {
    const [list] = stringOf('a', 'b', 'c', 'd')

    for (const bead of list) if (bead.name !== 'c') list.remove(bead)

    expect(namesOf(list)).toBe('c')
  })

  it('can be left in the middle and begun anew', () => {
    const [list] = stringOf('a', 'b')

    for (const _ of list) break

    expect(namesOf(list)).toBe('ab')
  })
})

/** How often the links of any node are read or written. */
function stepsToRemoveFromTheMiddleOf(size: number): number {
  let steps = 0
  const watch = (bead: Bead): Bead =>
    new Proxy(bead, {
      get: (target, key, receiver) => (steps++, Reflect.get(target, key, receiver)),
      set: (target, key, value, receiver) => (steps++, Reflect.set(target, key, value, receiver)),
    })
  const beads = Array.from({ length: size }, () => watch(new Bead('bead')))
  const list = new LinkedList<Bead>()
  for (const bead of beads) list.push(bead)

  steps = 0
  for (const bead of beads.slice(size / 2, size / 2 + 1)) list.remove(bead)
  return steps
}
