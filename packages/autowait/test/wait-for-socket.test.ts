import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { waitForSocket } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { closeServersAfterEach, server } from './fixtures/servers.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const leaks = expectNoLeaks()
closeServersAfterEach()

describe.runIf(process.platform !== 'win32')('waitForSocket()', () => {
  it('resolves at once when somebody listens', async () => {
    const path = join(temporaryFolder(), 'socket')
    const made = server().listen(path)
    await once(made, 'listening')

    await expect(waitForSocket(path, { timeout: 0 })).resolves.toBeUndefined()
  })

  it('waits for a socket in a folder that is yet to be made', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'run/socket')
    const waiting = waitForSocket(path, { timeout: 20_000 })
    expect(await stateOf(waiting)).toBe('pending')

    await mkdir(join(folder, 'run'))
    server().listen(path)

    await waiting
  })

  it('does not take a file for a socket, and says so', async () => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, '')

    const error = await errorOf(waitForSocket(path, { timeout: 0 }))

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const path = join(temporaryFolder(), 'socket')
    const waiting = waitForSocket(path, { signal: leaks.watch(controller.signal) })
    await stateOf(waiting)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
  })

  it('rejects no path', async () => {
    await expect(waitForSocket('')).rejects.toThrow(TypeError)
  })
})
