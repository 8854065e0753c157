import { LinkedList } from '@cupola/core/authoring'
import { afterEach, describe, expect, it } from 'vitest'
import { waits } from './fixtures/waits.ts'

// A step that walks all others is ten billion steps here.
const MANY = 100_000

const { remove, [Symbol.iterator]: walk } = LinkedList.prototype

afterEach(() => {
  Object.assign(LinkedList.prototype, { remove, [Symbol.iterator]: walk })
})

/** Those that are in two lists are in the line of a key besides. */
const removalsOf = (kind: string): number => {
  if (kind === 'KeyedMutex.acquireAll()') return 3 * MANY
  return kind.startsWith('KeyedMutex') ? 2 * MANY : MANY
}

// A barrier lets nobody go alone, and who leaves a condition waits for its mutex first.
const alone = waits.filter(([kind]) => !/^(?:Barrier|Condition)/.test(kind))

describe('100,000 callers that are cancelled from the middle', () => {
  it.each(alone)('leave %s in so many steps each', async (kind, make) => {
    const { wait, waiting } = make()
    const controllers = Array.from({ length: MANY }, () => new AbortController())
    const calls = controllers.map(({ signal }) => wait({ signal }).catch(String))
    expect(waiting()).toBe(MANY)
    const steps = countSteps()

    for (const controller of fromTheMiddle(controllers)) controller.abort('enough')

    expect(steps).toEqual({ removals: removalsOf(kind), walks: 0 })
    expect(waiting()).toBe(0)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['enough']))
  })

  it('leave Condition.wait() in so many steps each', async () => {
    const { wait, waiting } = waits.find(([kind]) => kind === 'Condition.wait()')![1]()
    const controllers = Array.from({ length: MANY }, () => new AbortController())
    const calls = controllers.map(({ signal }) => wait({ signal }).catch(String))
    while (waiting() < MANY) await new Promise((resolve) => setImmediate(resolve))
    const steps = countSteps()

    for (const controller of fromTheMiddle(controllers)) controller.abort('enough')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['enough']))

    // Once from the condition, and once from the mutex but for the first, who has it at once.
    expect(steps).toEqual({ removals: 2 * MANY - 1, walks: 0 })
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
