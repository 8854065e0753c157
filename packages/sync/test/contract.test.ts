// What the primitives of one event loop promise as well as those that threads share.
import { Condition } from '@cupola/sync'
import { describe } from 'vitest'
import { conditionFacts } from '../../../test/contracts/condition.ts'
import { itHolds } from '../../../test/contracts/fact.ts'

describe('Condition', () => {
  itHolds(conditionFacts, () => new Condition())
})
