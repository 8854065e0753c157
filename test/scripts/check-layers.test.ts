import { describe, expect, it } from 'vitest'
import { TemporaryWorkspace } from './temporary-workspace.ts'

const LAYERS = {
  low: { layer: 0, dependencies: [] },
  high: { layer: 1, dependencies: ['denque'] },
}

/** A workspace in which `high` may use `low` and denque; each case breaks something. */
function workspaceWith(files: Record<string, unknown>): TemporaryWorkspace {
  return new TemporaryWorkspace({
    'scripts/layers.json': LAYERS,
    'packages/low/package.json': {},
    'packages/low/src/index.ts': "import { EventEmitter } from 'node:events'\n",
    'packages/high/package.json': { dependencies: { '@cupola/low': '*', denque: '*' } },
    'packages/high/src/index.ts': "import D from 'denque'\nexport * from '@cupola/low/sub'\n",
    ...files,
  })
}

describe('check-layers', () => {
  it('is content with dependencies that point down and are used', () => {
    using workspace = workspaceWith({})

    expect(workspace.run('check-layers.mjs')).toEqual({ code: 0, output: '' })
  })

  it.each([
    "export type Edge = 'from' | 'to'\n",
    "export type Edge = Pick<Range, 'from'> & Pick<Range, 'to'>\n",
    "export const text = 'counted from' + 'here'\n",
  ])('takes no string for an import: %s', (code) => {
    using workspace = workspaceWith({ 'packages/low/src/edge.ts': code })

    expect(workspace.run('check-layers.mjs')).toEqual({ code: 0, output: '' })
  })

  it.each([
    [
      'a dependency on a package that is not below',
      { 'packages/low/package.json': { dependencies: { '@cupola/high': '*' } } },
      'packages/low/package.json: depends on @cupola/high (layer 1), not below its own layer 0',
    ],
    [
      'an import of a type from above',
      { 'packages/low/src/index.ts': "import type { High } from '@cupola/high'\n" },
      'packages/low/src/index.ts: imports @cupola/high, which is no dependency',
    ],
    [
      'a dynamic import of what is no dependency',
      { 'packages/low/src/index.ts': "const late = await import('denque')\n" },
      'packages/low/src/index.ts: imports denque, which is no dependency',
    ],
    [
      'a dependency that the table does not allow',
      { 'packages/low/package.json': { dependencies: { denque: '*' } } },
      'packages/low/package.json: layers.json does not allow denque',
    ],
    [
      'a dependency that nothing imports',
      { 'packages/high/src/index.ts': "import D from 'denque'\n/**\n * from '@cupola/low'\n */\n" },
      'packages/high/package.json: depends on @cupola/low, but imports it nowhere',
    ],
    [
      'a path into another package',
      { 'packages/high/src/deep/a.ts': "export * from '../../../low/src/index.ts'\n" },
      "packages/high/src/deep/a.ts: reaches out of src with '../../../low/src/index.ts'",
    ],
    [
      'a package without a layer',
      { 'packages/new/package.json': {}, 'packages/new/src/index.ts': '' },
      'packages/new: has no layer in layers.json',
    ],
  ])('refuses %s', (_title, files, problem) => {
    using workspace = workspaceWith(files)

    const { code, output } = workspace.run('check-layers.mjs')

    expect(output).toContain(problem)
    expect(code).toBe(1)
  })
})
