import { describe, expect, it } from 'vitest'
import { nameOfPackage } from '@cupola/shared-sync'

describe('nameOfPackage()', () => {
  it('says how the package is imported', () => {
    expect(nameOfPackage()).toBe('@cupola/shared-sync')
  })
})
