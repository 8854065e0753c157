import { describe, expect, it } from 'vitest'
import { nameOfPackage } from '@cupola/sync'

describe('nameOfPackage()', () => {
  it('says how the package is imported', () => {
    expect(nameOfPackage()).toBe('@cupola/sync')
  })
})
