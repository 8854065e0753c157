import { describe, expect, it } from 'vitest'
import { TemporaryWorkspace } from './temporary-workspace.ts'

/** Runs steps written as source, in a process of their own: they set its exit code. */
function outcomeOf(steps: string): { code: number | null; output: string } {
  using workspace = new TemporaryWorkspace({
    'scripts/probe.mjs': `import { runChild } from './children.mjs'
import { runSteps } from './steps.mjs'
const node = (code) => runChild(process.execPath, ['-e', code])
const results = await runSteps([${steps}])
console.log('then', results?.map(({ name }) => name))`,
  })
  return workspace.run('probe.mjs')
}

describe('runSteps()', () => {
  it('runs steps in order, a line each with its note', () => {
    const { code, output } = outcomeOf(
      `{ name: 'one', run: () => node('') }, { name: 'two', run: async () => '7 passed' }`,
    )

    expect(output).toMatch(
      /^one +\d+\.\d s\ntwo +\d+\.\d s {2}7 passed\nthen \[ 'one', 'two' \]\n$/,
    )
    expect(code).toBe(0)
  })

  it('stops at the first that fails and shows all that it printed', () => {
    const { code, output } = outcomeOf(`
      { name: 'one', run: () => node('console.log(1); console.error(2); process.exitCode = 3') },
      { name: 'two', run: () => node('console.log("never")') }`)

    expect(output).toMatch(/^one +\d+\.\d s {2}failed\n\n1\n2\n/)
    expect(output).not.toContain('two')
    expect(output).toContain('then undefined')
    expect(code).toBe(1)
  })

  it('says so if a program cannot be started', () => {
    const { code, output } = outcomeOf(
      `{ name: 'one', run: () => runChild('no-such-program', []) }`,
    )

    expect(output).toContain('Cannot start no-such-program')
    expect(code).toBe(1)
  })

  it('kills a program that has not ended in time, and waits for none that it started', () => {
    const hang = 'setInterval(() => {}, 1000)'
    const start = `require('node:child_process').spawn(process.execPath, ['-e', '${hang}'], { stdio: 'inherit' })`
    const program = JSON.stringify(`${start}; ${hang}`)

    const { code, output } = outcomeOf(
      `{ name: 'one', run: () => runChild(process.execPath, ['-e', ${program}], { limitMinutes: 0.02 }) }`,
    )

    expect(output).toContain('killed, because it had not ended after 0.02 minutes\n')
    expect(code).toBe(1)
  })
})
