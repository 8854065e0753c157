// Every interleaving of three threads; where one may die, with few preemptions.
import { describe, expect, it } from 'vitest'
import { explore } from '../../../test/shared-memory/explorer.ts'
import { modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { visitMutex } from './fixtures/mutex-visitors.ts'

describe('SharedMutex, in every interleaving of three threads', () => {
  it('lets one in at a time, of which one may give up', () => {
    const { memory, own: inside, isPrivate } = modelMemory(3)
    const threads = [{ inside }, { inside, timeout: 1 }, { inside }].map(visitMutex)

    const { states, endings } = explore({ threads, memory, isPrivate, impatience: 1 })
    expect(states).toBeGreaterThan(100_000)
    console.log(`one gives up: ${states} states, ${endings} endings`)
  })

  it('finds out the death of one at any moment, with three preemptions', () => {
    const { memory, own: inside, isPrivate } = modelMemory(3, true)
    const threads = [{ inside }, { inside }, { inside }].map(visitMutex)
    const bounds = { deaths: 1, preemptions: 3 }

    const { states, endings } = explore({ threads, memory, isPrivate, ...bounds })
    expect(states).toBeGreaterThan(100_000)
    console.log(`one dies: ${states} states, ${endings} endings`)
  })
})
