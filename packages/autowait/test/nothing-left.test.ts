import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { closeServersAfterEach, webServer } from './fixtures/servers.ts'

closeServersAfterEach()

const script = fileURLToPath(new URL('./fixtures/residues.ts', import.meta.url))

describe('every wait', () => {
  // In a process of its own, because the runner has handles and timers that come and go.
  it.runIf(process.platform === 'linux')(
    'leaves no watcher, timer, listener or descriptor, whether met, timed out or aborted',
    async () => {
      const url = await webServer((_, response) => response.writeHead(503).end())
      const args = [...process.execArgv, script, new URL(url).port]

      const { stdout } = await promisify(execFile)(process.execPath, args)

      expect(JSON.parse(stdout)).toEqual({ inspected: 14, left: {} })
    },
  )
})
