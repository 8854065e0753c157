// Three threads, which stop for each other more often than in the gate.
import { describe, expect, it } from 'vitest'
import { explore } from '../../../test/shared-memory/explorer.ts'
import { modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { quietly, reader, writer } from './fixtures/rw-visitors.ts'

describe('SharedRwLock, with three threads', () => {
  it('lets two readers and a writer in, never together', () => {
    const { memory, own: activity, isPrivate } = modelMemory(3, false, true)
    const threads = [reader({ activity }), reader({ activity }), writer({ activity })]

    const { states, endings } = explore({ threads, memory, isPrivate, preemptions: 5 })
    expect(states).toBeGreaterThan(100_000)
    console.log(`two readers and a writer: ${states} states, ${endings} endings`)
  })

  it('finds out the death of one at any moment', () => {
    const { memory, own: activity, isPrivate } = modelMemory(3, true, true)
    const threads = [reader({ activity }), writer({ activity }), writer({ activity })].map(quietly)

    const { states, endings } = explore({ threads, memory, isPrivate, deaths: 1, preemptions: 2 })
    expect(states).toBeGreaterThan(10_000)
    console.log(`one of three dies: ${states} states, ${endings} endings`)
  })
})
