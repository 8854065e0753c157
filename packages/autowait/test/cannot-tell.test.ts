// Of what the system does not let us look at, no wait says that it has ended.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

describe('a wait for an end', () => {
  it.runIf(process.platform === 'linux')(
    'goes on when no descriptor is left to look with, and says so',
    async () => {
      const script = fileURLToPath(new URL('./fixtures/without-descriptors.ts', import.meta.url))
      const shell = 'ulimit -n 200 && exec "$0" "$@"'
      const args = ['-c', shell, process.execPath, ...process.execArgv, script, temporaryFolder()]

      const { stdout } = await promisify(execFile)('/bin/sh', args)

      expect(JSON.parse(stdout)).toEqual({
        port: 'EMFILE',
        pid: 'EMFILE',
        command: 'EMFILE',
        gone: 'EMFILE',
        closed: 'EMFILE',
      })
    },
  )
})
