import { describe, expect, it } from 'vitest'
import { nameOfPackage } from '@cupola/__name__'

describe('nameOfPackage()', () => {
  it('says how the package is imported', () => {
    expect(nameOfPackage()).toBe('@cupola/__name__')
  })
})
