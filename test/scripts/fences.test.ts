import { describe, expect, it } from 'vitest'
import { fencesOf } from '../../scripts/fences.mjs'

const markdown = (...lines: string[]): string => lines.join('\n')

describe('fencesOf()', () => {
  it('finds the ts and js fences of Markdown, with flags and lines', () => {
    const text = markdown('# A', '```ts no-run', 'let a', '```', '', '```js', 'let b', '```')

    expect(fencesOf(text)).toEqual([
      expect.objectContaining({ language: 'ts', flags: ['no-run'], body: 'let a\n', line: 2 }),
      expect.objectContaining({ language: 'js', flags: [], body: 'let b\n', line: 6 }),
    ])
  })

  it('takes the stars off the fences of doc comments', () => {
    const text = markdown(
      '/**',
      ' * ```ts',
      ' * if (a) {',
      ' *   b()',
      ' * }',
      ' *',
      ' * ```',
      ' */',
    )

    expect(fencesOf(text)).toEqual([
      expect.objectContaining({ body: 'if (a) {\n  b()\n}\n\n', line: 2 }),
    ])
  })

  it('takes the indentation off the fences of lists', () => {
    const text = markdown('- item', '  ```ts', '  if (a) {', '    b()', '  }', '  ```')

    expect(fencesOf(text)[0]?.body).toBe('if (a) {\n  b()\n}\n')
  })

  it('leaves other languages alone, also those that begin like ours', () => {
    const text = markdown('```json', '{}', '```', '```sh', 'ls', '```', '```tsx', '<a />', '```')

    expect(fencesOf(text)).toEqual([])
  })

  it('reads a name off the first line', () => {
    const text = markdown(
      '```js',
      '// work.js',
      'export {}',
      '```',
      '```ts',
      '// just words',
      '```',
    )

    expect(fencesOf(text).map(({ name }) => name)).toEqual(['work.js', undefined])
  })

  it('counts sections from heading to heading', () => {
    const fence = markdown('```ts', '# no heading', '```')
    const text = markdown('# A', fence, fence, '```sh', '# a comment', '```', fence, '## B', fence)

    expect(fencesOf(text).map(({ section }) => section)).toEqual([1, 1, 1, 2])
  })

  it('counts sections from doc comment to doc comment', () => {
    const comment = markdown('/**', ' * ```ts', ' * a', ' * ```', ' */', 'export const a = 1')
    const text = markdown(comment, comment)

    expect(fencesOf(text).map(({ section }) => section)).toEqual([1, 2])
  })
})
