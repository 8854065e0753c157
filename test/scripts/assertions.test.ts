import { describe, expect, it } from 'vitest'
import { withAssertions } from '../../scripts/assertions.mjs'

describe('withAssertions()', () => {
  it.each([
    ['heard // => 1', 'void $assert.deepEqual(heard, 1)'],
    ['heard; // => 1', 'void $assert.deepEqual(heard, 1)'],
    ['  f(a, b) // => { a: 1 }', '  void $assert.deepEqual(f(a, b), { a: 1 })'],
    ['await waiting // => [1]', 'void $assert.deepEqual(await waiting, [1])'],
    ["get('http://a') // => 'b'", "void $assert.deepEqual(get('http://a'), 'b')"],
    ['console.log(f(1)) // => 2', 'void $assert.deepEqual(f(1), 2)'],
    ['const a = f() // => 3', 'const a = f(); void $assert.deepEqual(a, 3)'],
    ['const a: number = f() // => 3', 'const a: number = f(); void $assert.deepEqual(a, 3)'],
  ])('rewrites %s', (claim, assertion) => {
    expect(withAssertions(claim)).toBe(assertion)
  })

  it.each(['f() // waits', 'f() //=> 1', '// => 1', 'const url = "a" // see => b'])(
    'leaves %s alone',
    (line) => {
      expect(withAssertions(line)).toBe(line)
    },
  )

  it('keeps every line on its line', () => {
    expect(withAssertions('a // => 1\n\nb // => 2').split('\n')).toHaveLength(3)
  })

  it.each(['const sum =\n  a // => 1', 'f(\n  a // => 1\n)', 'pool\n  .size // => 1'])(
    'refuses a claim about a part of an expression: %j',
    (code) => {
      expect(() => withAssertions(code)).toThrow('a whole expression on one line')
    },
  )
})
