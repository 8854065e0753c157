import { LinkedList } from '@cupola/core/authoring'
import { Queue } from '@cupola/queue'
import { afterEach, describe, expect, it } from 'vitest'

// A step that walks all others is ten billion steps here.
const MANY = 100_000

const { remove, [Symbol.iterator]: walk } = LinkedList.prototype

afterEach(() => {
  Object.assign(LinkedList.prototype, { remove, [Symbol.iterator]: walk })
})

describe('100,000 callers that are cancelled from the middle', () => {
  it.each(['get', 'put', 'join'] as const)('leave %s() in a step each', async (kind) => {
    const queue = new Queue<number>({ capacity: 1 })
    if (kind !== 'get') queue.tryPut(1)
    const call = (signal: AbortSignal): Promise<unknown> =>
      kind === 'put' ? queue.put(2, { signal }) : queue[kind]({ signal })
    const controllers = Array.from({ length: MANY }, () => new AbortController())
    const calls = controllers.map(({ signal }) => call(signal).catch(String))
    const steps = countSteps()

    for (const controller of fromTheMiddle(controllers)) controller.abort('enough')

    expect(steps).toEqual({ removals: MANY, walks: 0 })
    expect(queue.stats()).toMatchObject({ getting: 0, putting: 0, joining: 0 })
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['enough']))
  })
})

/** Counts what is done with any list from now on. To take a node out is a fixed number of steps. */
function countSteps(): { removals: number; walks: number } {
  const steps = { removals: 0, walks: 0 }
  Object.assign(LinkedList.prototype, {
    remove(this: LinkedList<never>, node: never) {
      steps.removals++
      return remove.call(this, node)
    },
    [Symbol.iterator](this: LinkedList<never>) {
      steps.walks++
      return walk.call(this)
    },
  })
  return steps
}

function fromTheMiddle<T>(all: readonly T[]): T[] {
  return [...all.slice(MANY / 2), ...all.slice(0, MANY / 2)]
}
