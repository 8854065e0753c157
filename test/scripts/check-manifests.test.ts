import { describe, expect, it } from 'vitest'
import { TemporaryWorkspace } from './temporary-workspace.ts'

/** A workspace with one package, as `new-package` makes it. */
function workspaceWithPackage(): TemporaryWorkspace {
  const workspace = new TemporaryWorkspace({
    'tsconfig.json': { files: [], references: [] },
    'packages/.keep': '',
  })
  workspace.copy('templates')
  workspace.copy('package.json')
  workspace.run('new-package.mjs', 'queue', '1')
  return workspace
}

const MANIFEST = 'packages/queue/package.json'

describe('check-manifests', () => {
  it('is content with what new-package makes', () => {
    using workspace = workspaceWithPackage()

    expect(workspace.run('check-manifests.mjs')).toEqual({ code: 0, output: '' })
  })

  it.each([
    ['"license": "MIT"', '"license": "ISC"', 'expected "license" to be "MIT"'],
    ['"sideEffects": false,', '', 'package.json has the fields name, version'],
    ['"type": "module",', '"type": "module", "main": "a.js",', 'package.json has the fields'],
    ['"default":', '"import":', 'expected "exports" to be'],
    [
      '"engines"',
      '"dependencies": { "@cupola/core": "workspace:^" }, "engines"',
      'tsconfig.json references [], but the dependencies are [../core]',
    ],
  ])('refuses a manifest with %s replaced by %j', (before, after, problem) => {
    using workspace = workspaceWithPackage()
    workspace.write(MANIFEST, workspace.read(MANIFEST).replace(before, after))

    const { code, output } = workspace.run('check-manifests.mjs')

    expect(output).toContain(problem)
    expect(code).toBe(1)
  })

  it('refuses a package that nothing builds', () => {
    using workspace = workspaceWithPackage()
    workspace.write('tsconfig.json', { files: [], references: [] })

    const { output } = workspace.run('check-manifests.mjs')

    expect(output).toContain('tsconfig.json: has no reference to packages/queue')
  })
})
