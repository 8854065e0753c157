import { describe, expect, it } from 'vitest'
import { TemporaryWorkspace } from './temporary-workspace.ts'

/** A workspace without packages, in which one can be made. */
function emptyWorkspace(): TemporaryWorkspace {
  const workspace = new TemporaryWorkspace({
    'tsconfig.json': { files: [], references: [] },
    'packages/.keep': '',
  })
  workspace.copy('templates')
  workspace.copy('package.json')
  return workspace
}

describe('new-package', () => {
  it('makes a package that the manifest and layer checks accept', () => {
    using workspace = emptyWorkspace()

    const { code } = workspace.run('new-package.mjs', 'rate-limit', '2')

    expect(code).toBe(0)
    expect(workspace.run('check-manifests.mjs')).toEqual({ code: 0, output: '' })
    expect(workspace.run('check-layers.mjs')).toEqual({ code: 0, output: '' })
  })

  it('names it in its files and in their contents', () => {
    using workspace = emptyWorkspace()

    workspace.run('new-package.mjs', 'rate-limit', '2')

    expect(workspace.read('packages/rate-limit/src/index.ts')).toContain("'./rate-limit.ts'")
    expect(workspace.read('packages/rate-limit/test/rate-limit.test.ts')).toContain(
      "from '@cupola/rate-limit'",
    )
  })

  it('enters it in the build and on its layer', () => {
    using workspace = emptyWorkspace()

    workspace.run('new-package.mjs', 'rate-limit', '2')

    expect(JSON.parse(workspace.read('tsconfig.json'))).toMatchObject({
      references: [{ path: 'packages/rate-limit' }],
    })
    expect(JSON.parse(workspace.read('scripts/layers.json'))).toHaveProperty('rate-limit', {
      layer: 2,
      dependencies: [],
    })
  })

  it.each([
    [['RateLimit', '2'], '"RateLimit" is no kebab-case name'],
    [['rate-limit'], '"" is no layer'],
    [['taken', '2'], 'packages/taken exists'],
  ])('refuses %j and changes nothing', (args, problem) => {
    using workspace = emptyWorkspace()
    workspace.write('packages/taken/package.json', {})
    const before = workspace.read('scripts/layers.json')

    const { code, output } = workspace.run('new-package.mjs', ...args)

    expect(output).toContain(problem)
    expect(code).toBe(1)
    expect(workspace.read('scripts/layers.json')).toBe(before)
  })
})
