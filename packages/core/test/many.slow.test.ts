import { LinkedList, onAbort } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { Bead } from './fixtures/bead.ts'
import { Gate } from './fixtures/gate.ts'

// A step that walks all others is ten billion steps here.
const MANY = 100_000

describe('100,000 waits', () => {
  it('leave the queue from the middle', async () => {
    const gate = new Gate()
    const controllers = Array.from({ length: MANY }, () => new AbortController())
    const waits = controllers.map(({ signal }) => gate.pass({ signal }).catch(String))

    for (const controller of fromTheMiddle(controllers)) controller.abort('enough')

    expect(gate.queue.size).toBe(0)
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['enough']))
  })

  it('share one signal', async () => {
    const gate = new Gate()
    const controller = new AbortController()
    const waits = Array.from({ length: MANY }, () => gate.pass(controller).catch(String))

    controller.abort('enough')

    expect(gate.queue.size).toBe(0)
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['enough']))
  })

  it('time out together', async () => {
    const gate = new Gate()
    const waits = Array.from({ length: MANY }, () => gate.pass({ timeout: 5 }).catch(String))

    await gate.clock.advance(5)

    expect([gate.queue.size, gate.clock.pending]).toEqual([0, 0])
    expect(new Set(await Promise.all(waits)).size).toBe(1)
  })
})

describe('100,000 others', () => {
  it('listen to one signal and leave it from the middle', () => {
    const { signal } = new AbortController()
    let heard = 0
    const listening = Array.from({ length: MANY }, () => onAbort(signal, () => heard++))

    for (const one of fromTheMiddle(listening)) one[Symbol.dispose]()

    signal.dispatchEvent(new Event('abort'))
    expect(heard).toBe(0)
  })

  it('are nodes that leave a list from the middle', () => {
    const list = new LinkedList<Bead>()
    const beads = Array.from({ length: MANY }, () => new Bead('bead'))
    for (const bead of beads) list.push(bead)

    for (const bead of fromTheMiddle(beads)) list.remove(bead)

    expect([list.size, list.first]).toEqual([0, undefined])
  })

  it('are timers of one moment that are cancelled from the middle', () => {
    const clock = new VirtualClock()
    const timers = Array.from({ length: MANY }, () => clock.setTimer(() => {}, 10))

    for (const timer of fromTheMiddle(timers)) timer.cancel()

    expect(clock.pending).toBe(0)
  })
})

function fromTheMiddle<T>(all: readonly T[]): T[] {
  return [...all.slice(MANY / 2), ...all.slice(0, MANY / 2)]
}
