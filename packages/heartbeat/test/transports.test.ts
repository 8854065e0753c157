import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { createServer as createHttpServer, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import {
  BeatInbox,
  HeartbeatMonitor,
  HeartbeatSender,
  type HeartbeatSenderEvents,
  receiveBeats,
  type SenderRoute,
} from '@cupola/heartbeat'
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { until } from '../../../test/until.ts'

const LIMIT_MS = 60_000
const BEAT = '{"v":1,"key":"a","epoch":1,"sequence":1}'

expectNoLeaks()

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

/** Sees to it that it is closed after the test. */
function open<Closable extends { close(): Promise<void> }>(one: Closable): Closable {
  opened.push(one)
  return one
}

/** Resolves with the first event of that name. */
function first<Name extends keyof HeartbeatSenderEvents>(
  sender: HeartbeatSender,
  name: Name,
): Promise<HeartbeatSenderEvents[Name]> {
  return new Promise((resolve) => sender.on(name, resolve))
}

function addressOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function inboxOf(secret?: string) {
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS })
  return { monitor, inbox: new BeatInbox(monitor, { secret, maxBytes: 1000 }) }
}

function senderOf(route: SenderRoute, options: { secret?: string; lostAfterMs?: number } = {}) {
  return new HeartbeatSender({ key: 'a', lostAfterMs: LIMIT_MS, route, ...options })
}

describe.each(['tcp', 'udp', 'http'] as const)('over %s', (over) => {
  function routeTo(port: number): SenderRoute {
    return over === 'http' ? { over, url: `http://127.0.0.1:${port}/beats` } : { over, port }
  }

  it('a signed beat arrives', async () => {
    const { inbox, monitor } = inboxOf('psst')
    const receiver = open(await receiveBeats(inbox, { over, port: 0 }))
    const sender = open(senderOf(routeTo(receiver.address?.port ?? 0), { secret: 'psst' }))

    await first(sender, 'sent')
    await until(() => monitor.isRegistered('a'))

    expect(inbox.stats()).toEqual({ accepted: 1, refused: {} })
    await monitor.close()
  })

  it('a beat that is not signed is refused and counted', async () => {
    const { inbox, monitor } = inboxOf('psst')
    const receiver = open(await receiveBeats(inbox, { over, port: 0 }))
    open(senderOf(routeTo(receiver.address?.port ?? 0)))

    await until(() => inbox.stats().refused.unsigned === 1)

    expect(monitor.stats().devices).toBe(0)
    await monitor.close()
  })

  it('a beat that is too long is refused and counted', async () => {
    const { inbox, monitor } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over, port: 0 }))
    const route = routeTo(receiver.address?.port ?? 0)
    const meta = (): string => 'x'.repeat(2000)
    open(new HeartbeatSender({ key: 'a', lostAfterMs: LIMIT_MS, route, meta }))

    await until(() => inbox.stats().refused.oversized === 1)

    expect(monitor.stats().devices).toBe(0)
    await monitor.close()
  })

  it('a port that is taken is an error', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over, port: 0 }))
    const port = receiver.address?.port ?? 0

    await expect(receiveBeats(inbox, { over, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe.each(['tcp', 'http'] as const)('over %s, which answers', (over) => {
  function routeTo(port: number): SenderRoute {
    return over === 'http' ? { over, url: `http://127.0.0.1:${port}/beats` } : { over, port }
  }

  it('a sender hears why it was refused', async () => {
    const { inbox } = inboxOf('psst')
    const receiver = open(await receiveBeats(inbox, { over, port: 0 }))
    const sender = open(senderOf(routeTo(receiver.address?.port ?? 0), { secret: 'wrong' }))

    const { error } = await first(sender, 'failure')

    expect(String(error)).toBe('BrokenError: Cannot send a heartbeat: it was refused as forged')
  })

  it('a sender fails when nobody listens, and goes on', async () => {
    const { inbox, monitor } = inboxOf()
    const before = await receiveBeats(inbox, { over, port: 0 })
    const port = before.address?.port ?? 0
    await before.close()
    const sender = open(senderOf(routeTo(port), { lostAfterMs: 300 }))
    await first(sender, 'failure')

    open(await receiveBeats(inbox, { over, port }))
    await first(sender, 'sent')

    expect(monitor.isRegistered('a')).toBe(true)
    await monitor.close()
  })

  it('a sender gives up on somebody who accepts and never answers', async () => {
    const silent = createServer((socket) => socket.resume().on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const port = addressOf(silent)
    const sender = open(senderOf(routeTo(port), { lostAfterMs: 300 }))

    const { error } = await first(sender, 'failure')

    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 100 })
    await sender.close()
    await new Promise((resolve) => silent.close(resolve))
  })
})

describe('over tcp', () => {
  it('lines may come in any pieces, and several at once', async () => {
    const { inbox, monitor } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'tcp', port: 0 }))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1')
    let answers = ''
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    await once(socket, 'connect')

    socket.write(BEAT.slice(0, 10))
    socket.write(`${BEAT.slice(10)}\n${BEAT}\nhel`)
    socket.write('lo\n')
    await until(() => answers.split('\n').length === 4)

    expect(answers).toBe('ok\nreplayed\nmalformed\n')
    socket.destroy()
    await monitor.close()
  })

  it('one who never ends a line is cut off', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'tcp', port: 0 }))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1')
    let answers = ''
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()))

    socket.write('x'.repeat(1001))
    await once(socket, 'close')

    expect(answers).toBe('oversized\n')
    expect(inbox.stats().refused).toEqual({ oversized: 1 })
  })
})

describe('over http', () => {
  it('only POST is allowed', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'http', port: 0 }))
    const got = request({ port: receiver.address?.port ?? 0, host: '127.0.0.1', path: '/' }).end()

    const [response] = await once(got, 'response')
    response.resume()

    expect(response.statusCode).toBe(405)
    await once(response, 'close')
  })
})

describe('over http, to a server of somebody else', () => {
  it.each([
    [500, '', 'it was refused as 500'],
    [403, 'go away', 'it was refused as go away'],
  ])('a sender takes %i for a failure', async (status, body, message) => {
    const server = createHttpServer((_, response) => response.writeHead(status).end(body))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = addressOf(server)
    const sender = open(senderOf({ over: 'http', url: `http://127.0.0.1:${port}` }))

    const { error } = await first(sender, 'failure')

    expect(String(error)).toContain(message)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('one who breaks off is nobody', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'http', port: 0 }))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1')
    await once(socket, 'connect')

    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
    socket.end()
    await once(socket.resume(), 'close')

    expect(inbox.stats()).toEqual({ accepted: 0, refused: {} })
  })
})

describe('over a port', () => {
  it('beats arrive, and the receiver closes it', async () => {
    const { inbox, monitor } = inboxOf()
    const { port1, port2 } = new MessageChannel()
    const receiver = await receiveBeats(inbox, { over: 'port', port: port2 })
    const sender = senderOf({ over: 'port', port: port1 })

    await until(() => monitor.isRegistered('a'))
    port1.postMessage({ no: 'text' })
    await until(() => inbox.stats().refused.malformed === 1)

    expect(inbox.stats().accepted).toBe(1)
    await sender.close()
    await receiver.close()
    await monitor.close()
  })
})

describe('over the channel of a child process', () => {
  it('beats arrive among other messages, until the child is killed', async () => {
    const monitor = new HeartbeatMonitor({ lostAfterMs: 500 })
    const inbox = new BeatInbox(monitor)
    const program = fileURLToPath(new URL('fixtures/child.ts', import.meta.url))
    const child = fork(program, { execArgv: process.execArgv })
    const others: unknown[] = []
    child.on('message', (message) => others.push(message))
    open(await receiveBeats(inbox, { over: 'child', child }))
    await until(() => (monitor.device('child')?.silentMs ?? Infinity) < 100)

    child.kill('SIGKILL')
    await new Promise((resolve) => monitor.on('lost', resolve))

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['child'])
    expect(others).toContain('something else')
    expect(inbox.stats().refused).toEqual({})
    await monitor.close()
  })

  it('there is none from a process that was not forked', () => {
    const { send } = process
    delete process.send

    expect(() => senderOf({ over: 'parent' })).toThrow(
      expect.objectContaining({ code: 'ERR_BROKEN' }),
    )

    if (send !== undefined) process.send = send
  })
})

describe('receiveBeats()', () => {
  it('knows no other ways', async () => {
    const { inbox } = inboxOf()
    const route = JSON.parse('{ "over": "smtp" }')

    await expect(receiveBeats(inbox, route)).rejects.toBeInstanceOf(TypeError)
    expect(() => senderOf(route)).toThrow(TypeError)
  })
})
