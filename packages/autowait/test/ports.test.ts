import { waitForPort, waitForPortFree, waitForProcessKilled } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { child, endProcessesAfterEach } from './fixtures/processes.ts'
import { closed, closeServersAfterEach, freePort, listening, server } from './fixtures/servers.ts'

const leaks = expectNoLeaks()
closeServersAfterEach()
endProcessesAfterEach()

const isLinux = process.platform === 'linux'
const timeout = 20_000

describe('waitForPort()', () => {
  it('gives the address on which somebody listens', async () => {
    const port = await listening(server())

    expect(await waitForPort(port, { timeout })).toEqual({ address: '127.0.0.1', family: 4, port })
  })

  it('finds a server that listens on IPv6 only', async () => {
    const port = await listening(server(), 0, '::1')

    expect(await waitForPort(port, { timeout })).toEqual({ address: '::1', family: 6, port })
  })

  it('waits for somebody to listen', async () => {
    const port = await freePort()
    const waiting = waitForPort(port, { timeout })
    expect(await stateOf(waiting)).toBe('pending')

    await listening(server(), port)

    expect((await waiting).port).toBe(port)
  })

  it('says what each address has answered', async () => {
    const port = await freePort()

    const error = await errorOf(waitForPort(port, { timeout: 0, host: '127.0.0.1' }))

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe(
      `Cannot wait for port ${port} of 127.0.0.1 ` +
        '(last seen: 127.0.0.1: ECONNREFUSED): waited 0 ms',
    )
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('waits for a host that has no address yet', async () => {
    const error = await errorOf(waitForPort(80, { host: 'no-such-host.invalid', timeout: 0 }))

    expect(error).toBeInstanceOf(TimeoutError)
  })

  it('tries every 500 ms at the latest, if nothing else is said', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const port = await freePort()
    const waiting = errorOf(waitForPort(port, { clock, signal: controller.signal, attemptMs: 1e9 }))
    let longestMs = 0
    for (let looks = 0; looks < 15; looks++) {
      while (clock.pending !== 1 || clock.nextDueMs > 1e6) await stateOf(waiting)
      longestMs = Math.max(longestMs, clock.nextDueMs)
      await clock.advance(clock.nextDueMs)
    }

    controller.abort()

    await waiting
    expect(longestMs).toBe(500)
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const port = await freePort()
    const waiting = waitForPort(port, { signal: leaks.watch(controller.signal) })
    await stateOf(waiting)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
  })

  it.each([
    ['port 0', 0, {}, RangeError],
    ['a port above 65535', 65_536, {}, RangeError],
    ['a port that is no number', '80', {}, TypeError],
    ['an attempt without time', 80, { attemptMs: 0 }, RangeError],
  ])('rejects %s', async (_, port, options, kind) => {
    await expect(waitForPort(port as number, options)).rejects.toThrow(kind)
  })
})

describe('waitForPortFree()', () => {
  it('resolves at once when nobody listens', async () => {
    await expect(waitForPortFree(await freePort(), { timeout: 0 })).resolves.toBeUndefined()
  })

  it('waits until the server is closed', async () => {
    const made = server()
    const port = await listening(made)
    const waiting = waitForPortFree(port, { timeout })
    expect(await stateOf(waiting)).toBe('pending')

    await closed(made)

    await waiting
  })

  it.runIf(isLinux)('sees a server on any address of the machine', async () => {
    const port = await listening(server(), 0, '127.0.0.5')
    const second = await listening(server(), 0, '::1')

    const errors = [port, second].map((each) => errorOf(waitForPortFree(each, { timeout: 0 })))

    for (const error of await Promise.all(errors)) {
      expect(error.message).toContain('somebody listens')
    }
  })

  it('asks the host that it is told', async () => {
    const made = server()
    const port = await listening(made)
    const waiting = waitForPortFree(port, { timeout, host: 'localhost' })
    const early = errorOf(waitForPortFree(port, { timeout: 0, host: '127.0.0.1' }))
    expect((await early).message).toContain('127.0.0.1: open')

    await closed(made)

    await waiting
  })

  it('does not take a host that is unknown for free', async () => {
    const options = { host: 'no-such-host.invalid', timeout: 0 }

    await expect(waitForPortFree(80, options)).rejects.toBeInstanceOf(TimeoutError)
  })
})

describe.each([
  ['waitForPort()', waitForPort],
  ['waitForPortFree()', waitForPortFree],
])('%s', (_, wait) => {
  it.each([[''], [null], [5], ['[::1]'], ['a b']])('rejects %j as a host', async (host) => {
    await expect(wait(80, { host: host as string, timeout: 0 })).rejects.toThrow(TypeError)
  })
})

describe('waitForProcessKilled()', () => {
  it('rejects ports that are no list', async () => {
    await expect(waitForProcessKilled(1, undefined as never)).rejects.toThrow('expected an array')
  })

  it('waits until the process has ended and its ports are free', async () => {
    const port = await freePort()
    const code = `require('node:net').createServer().listen(${port}, '127.0.0.1')`
    const node = child(process.execPath, ['-e', code])
    await waitForPort(port, { timeout })
    const waiting = waitForProcessKilled(node, [port], { timeout })
    expect(await stateOf(waiting)).toBe('pending')

    node.kill()

    await waiting
    expect(node.signalCode).toBe('SIGTERM')
  })

  it('waits for a port that another has', async () => {
    const made = server()
    const port = await listening(made)
    const waiting = waitForProcessKilled(2 ** 31 - 1, [port], { timeout })
    expect(await stateOf(waiting)).toBe('pending')

    await closed(made)

    await waiting
  })

  it('has one deadline for all, and says what is left', async () => {
    const clock = new VirtualClock()
    const ports = [await listening(server()), await freePort(), await listening(server())]
    const options = { clock, timeout: 1000 }
    const waiting = errorOf(waitForProcessKilled(process.pid, ports, options))

    await clock.advance(1000)

    const { message } = await waiting
    expect(clock.now()).toBe(1000)
    expect(message).toContain(`process ${process.pid} (`)
    expect(message).toContain(`could not wait for port ${ports[0]} to be free, somebody listens`)
    expect(message).toContain(`could not wait for port ${ports[2]} to be free, somebody listens`)
    expect(message).not.toContain(`could not wait for port ${ports[1]} to be free`)
  })
})
