import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('fixtures/no-inspector-program.ts', import.meta.url))
const isNode20 = process.versions.node.startsWith('20.')

/** The hook that strips types on Node 20 is an addon. */
const permissions = [
  isNode20 ? '--experimental-permission' : '--permission',
  '--allow-worker',
  '--allow-fs-read=*',
  '--allow-addons',
  '--no-warnings',
]

async function run(...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, ...args])
  return JSON.parse(stdout)
}

describe('without an inspector', () => {
  it('the thread is replaced under the permission model, and stats() says so', async () => {
    await expect(run(...permissions, program)).resolves.toEqual({
      rejected: 'InterruptedError',
      stage: 'thread',
      behind: 1,
      executionTerminable: false,
    })
  })

  it('the thread is replaced inside a worker thread', async () => {
    await expect(run(program, 'nested')).resolves.toMatchObject({
      rejected: 'InterruptedError',
      stage: 'thread',
      behind: 1,
    })
  })
})
