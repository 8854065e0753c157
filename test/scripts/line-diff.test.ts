import { describe, expect, it } from 'vitest'
import { lineDiff } from '../../scripts/line-diff.mjs'

describe('lineDiff()', () => {
  it('shows what went and what came, and stands for the rest', () => {
    expect(lineDiff('a\nb\nc\nd', 'a\nB\nc\nd\ne')).toBe('  …\n- b\n+ B\n  …\n+ e')
  })

  it('shows a new text as added', () => {
    expect(lineDiff('a', 'a\nb')).toBe('  …\n+ b')
  })
})
