import { deadline } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { Lanes } from '../src/lanes.ts'
import { SlotLists } from '../src/slot-lists.ts'

describe('Lanes', () => {
  it('gives back the lists of a private lane whose device has left', () => {
    const lists = new SlotLists()
    const lanes = new Lanes(deadline(), 1000, lists)
    const lane = lanes.privateLaneFor(lanes.termsOf(500, undefined))

    lanes.abandon(lane)
    lanes.reschedule(lanes.takeDue(0), () => Infinity)

    expect(new Set([lists.take(), lists.take()])).toEqual(new Set([lane.alive, lane.suspects]))
  })
})

describe('SlotLists', () => {
  it('keeps each slot in the list and place it was put, however many there are', () => {
    const lists = new SlotLists()
    const [one, other] = [lists.newList(), lists.newList()]
    const slots = Array.from({ length: 1000 }, () => lists.take())
    for (const slot of slots) lists.moveToBack(one, slot)

    for (const slot of slots.filter((_, index) => index % 2 === 0)) lists.moveToBack(other, slot)

    const seen: number[] = []
    for (let slot = lists.first(one); slot !== one; slot = lists.following(slot)) seen.push(slot)
    expect(seen).toEqual(slots.filter((_, index) => index % 2 === 1))
    expect(lists.last(other)).toBe(slots[998])
  })

  it('uses slots again that were given back', () => {
    const lists = new SlotLists()
    const list = lists.newList()
    const slot = lists.take()
    lists.moveToBack(list, slot)

    lists.give(slot)

    expect(lists.first(list)).toBe(list)
    expect(lists.take()).toBe(slot)
  })
})
