// What the primitives that threads share promise as well as those of one event loop.
import { SharedCondition } from '@cupola/shared-sync'
import { describe } from 'vitest'
import { conditionFacts } from '../../../test/contracts/condition.ts'
import { itHolds } from '../../../test/contracts/fact.ts'

describe('SharedCondition', () => {
  itHolds(conditionFacts, () => new SharedCondition())
})
