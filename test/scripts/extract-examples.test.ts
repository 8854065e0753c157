import { describe, expect, it } from 'vitest'
import { extractExamples } from '../../scripts/extract-examples.mjs'
import { TemporaryWorkspace } from './temporary-workspace.ts'

const GUIDE = `# Guide

\`\`\`ts
import { add } from '@cupola/math'

add(1, 2) // => 3
\`\`\`

## Threads

\`\`\`js
// work.js
export const work = 1
\`\`\`

\`\`\`ts no-run
never()
\`\`\`

\`\`\`ts no-check
...
\`\`\`
`

const workspaceWith = (guide: string): TemporaryWorkspace =>
  new TemporaryWorkspace({
    'docs/guide.md': guide,
    'packages/math/package.json': {},
    'packages/math/src/index.ts': 'export {}',
  })

describe('extractExamples()', () => {
  it('writes a program whose lines keep their numbers', () => {
    using workspace = workspaceWith(GUIDE)

    extractExamples(workspace.root)

    const lines = workspace.read('.examples/docs/guide.md/1/L3.ts').split('\n')
    expect(lines[0]).toBe("import $assert from 'node:assert/strict'")
    expect(lines[5]).toBe('void $assert.deepEqual(add(1, 2), 3)')
  })

  it('writes a fence with a name beside the programs of its section', () => {
    using workspace = workspaceWith(GUIDE)

    extractExamples(workspace.root)

    expect(workspace.read('.examples/docs/guide.md/2/work.js')).toContain('export const work')
    expect(workspace.read('.examples/docs/guide.md/2/L16.ts')).toContain('never()')
  })

  it('runs what is to be run and nothing else', () => {
    using workspace = workspaceWith(GUIDE)

    extractExamples(workspace.root)

    const test = workspace.read('.examples/docs.test.ts')
    expect(test.match(/it\(.*\)/g)).toEqual([
      "it('docs/guide.md:3 runs', () => import('./docs/guide.md/1/L3.ts'))",
    ])
  })

  it('runs the documents of a package in one test file, each with modules of its own', () => {
    using workspace = workspaceWith(GUIDE)
    const example = '```ts\nadd(1, 2) // => 3\n```\n'
    workspace.write('packages/math/README.md', example)
    workspace.write('packages/math/src/add.ts', `/**\n${example}*/`)

    extractExamples(workspace.root)

    const test = workspace.read('.examples/packages/math.test.ts')
    expect(test.match(/describe\(.*|beforeAll\(.*|import\(.*?\)/g)).toEqual([
      "describe('packages/math/README.md', () => {",
      'beforeAll(() => void vi.resetModules())',
      "import('./math/README.md/0/L1.ts')",
      "describe('packages/math/src/add.ts', () => {",
      'beforeAll(() => void vi.resetModules())',
      "import('./math/src/add.ts/1/L2.ts')",
    ])
  })

  it('does not look into a fence that says no-check', () => {
    using workspace = workspaceWith(GUIDE)

    extractExamples(workspace.root)

    expect(() => workspace.read('.examples/docs/guide.md/2/L20.ts')).toThrow('ENOENT')
  })

  it('runs the last of the named fences if none of their section is a program', () => {
    using workspace = workspaceWith(
      '```js\n// work.js\nwork()\n```\n```js\n// main.js\nmain()\n```\n',
    )

    extractExamples(workspace.root)

    const test = workspace.read('.examples/docs.test.ts')
    expect(test.match(/import\(.*?\)/g)).toEqual(["import('./docs/guide.md/0/main.js')"])
  })

  it('names the file and line of a claim that it cannot check', () => {
    using workspace = workspaceWith('# A\n\n```ts\nconst sum =\n  1 + 1 // => 2\n```\n')

    expect(() => extractExamples(workspace.root)).toThrow('docs/guide.md:5: "// =>" claims')
  })

  it('forgets what it extracted before', () => {
    using workspace = workspaceWith(GUIDE)
    extractExamples(workspace.root)
    workspace.write('docs/guide.md', '# Nothing\n')

    extractExamples(workspace.root)

    expect(() => workspace.read('.examples/docs.test.ts')).toThrow('ENOENT')
  })
})
