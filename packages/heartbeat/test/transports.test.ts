import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { createServer as createHttpServer, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { VirtualClock } from '@cupola/core/testing'
import {
  BeatInbox,
  HeartbeatMonitor,
  HeartbeatSender,
  type HeartbeatSenderEvents,
  receiveBeats,
  type SenderRoute,
} from '@cupola/heartbeat'
import { afterEach, describe, expect, it } from 'vitest'
import { receiveOverHttp } from '../src/transports/http-receiver.ts'
import { openTransport } from '../src/transports/route.ts'
import { receiveOverTcp } from '../src/transports/tcp-receiver.ts'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'

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

  it('one who never answers keeps no process alive', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const heard: string[] = []
    const server = createServer((socket) => {
      socket.unref().on('data', (chunk) => heard.push(String(chunk)))
      opened.push({ close: async () => void socket.destroy() })
    })
    server.listen(0, '127.0.0.1').unref()
    await once(server, 'listening')
    opened.push({ close: () => new Promise((resolve) => server.close(() => resolve())) })
    const sender = senderOf(routeTo(addressOf(server)))

    await until(() => heard.join('').includes('"key":"a"'))

    expect(sockets()).toBe(before)
    for (const socket of opened.splice(-1)) await socket.close()
    await first(sender, 'failure')
    await sender.close()
  })

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

  it('a sender that beats on finds a receiver that was started anew, without a failure', async () => {
    const { monitor, inbox } = inboxOf()
    const before = open(await receiveBeats(inbox, { over: 'tcp', port: 0 }))
    const port = before.address?.port ?? 0
    const transport = openTransport({ over: 'tcp', port })
    const { signal } = new AbortController()
    await transport.send(BEAT, { signal })
    await before.close()
    open(await receiveBeats(inbox, { over: 'tcp', port }))
    // Its end has arrived when another connection has been through.
    const other = openTransport({ over: 'tcp', port })
    await other.send(BEAT.replace('"a"', '"b"'), { signal })

    await transport.send(BEAT.replace('"sequence":1', '"sequence":2'), {
      signal: AbortSignal.timeout(5000),
    })

    expect(monitor.stats().devices).toBe(2)
    await transport.close()
    await other.close()
  })

  it('what is too long is refused once, however much follows', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'tcp', port: 0 }))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    for (let count = 0; count < 100; count++) socket.write('x'.repeat(100_000))
    socket.resume()
    await closed

    expect(inbox.stats().refused).toEqual({ oversized: 1 })
  })

  it('ends two hundred connections, some in the midst of a line, when it is closed', async () => {
    const { inbox } = inboxOf()
    const receiver = await receiveBeats(inbox, { over: 'tcp', port: 0 })
    const sockets = Array.from({ length: 200 }, () =>
      connect(receiver.address?.port ?? 0, '127.0.0.1'),
    )
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const [index, socket] of sockets.entries()) {
      socket.resume()
      socket.on('error', () => {})
      socket.write(index % 2 === 0 ? BEAT : `${BEAT}\n`)
    }
    await until(() => inbox.stats().accepted === 1 && inbox.stats().refused.replayed === 99)

    await receiver.close()
    await Promise.all(closed)

    expect(inbox.stats()).toEqual({ accepted: 1, refused: { replayed: 99 } })
  })

  it('a thousand senders are heard, each on its own connection', async () => {
    const { inbox, monitor } = inboxOf()
    const receiver = await receiveBeats(inbox, { over: 'tcp', port: 0 })
    const sockets = Array.from({ length: 1000 }, () =>
      connect(receiver.address?.port ?? 0, '127.0.0.1').resume(),
    )
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const [index, socket] of sockets.entries()) {
      socket.on('error', () => {})
      socket.write(`${BEAT.replace('"a"', `"${index}"`)}\n`)
    }
    await until(() => monitor.stats().devices === 1000)

    await receiver.close()
    await Promise.all(closed)

    expect(inbox.stats()).toEqual({ accepted: 1000, refused: {} })
    await monitor.close()
  })

  describe('whoever holds a connection', () => {
    /** Somebody whose bytes are read before time goes on, which the answers to whole lines show. */
    async function holder() {
      const clock = new VirtualClock()
      const { inbox, monitor } = inboxOf()
      const patience = { messageMs: 50, idleMs: 60_000 }
      const receiver = open(await receiveOverTcp({ port: 0 }, inbox, patience, clock))
      const socket = connect(receiver.address?.port ?? 0, '127.0.0.1')
      await until(() => clock.pending === 1)
      const say = async (text: string): Promise<string> => {
        socket.write(text)
        const [answer] = await once(socket, 'data')
        return String(answer)
      }
      return { clock, monitor, socket, say }
    }

    it('and says nothing is cut off', async () => {
      const { clock, socket } = await holder()
      socket.resume()

      await clock.advance(50)
      await once(socket, 'close')

      expect(clock.pending).toBe(0)
    })

    it('and says nothing but lines that are no beats, and bytes, is cut off as soon', async () => {
      const { clock, socket, say } = await holder()

      for (let count = 0; count < 4; count++) {
        expect(await say('x\ny')).toBe('malformed\n')
        await clock.advance(12)
      }
      socket.resume()
      await clock.advance(2)
      await once(socket, 'close')

      expect(clock.pending).toBe(0)
    })

    it('and is heard has no deadline before its next beat begins', async () => {
      const { clock, socket, say } = await holder()

      expect(await say(`${BEAT}\n`)).toBe('ok\n')
      expect(clock.pending).toBe(0)
      await clock.advance(1000)

      expect(await say(`${BEAT}\n`)).toBe('replayed\n')
      socket.destroy()
      await until(() => socket.closed)
    })

    it('and is heard, but then ends no beat, is cut off so long after that began', async () => {
      const { clock, monitor, socket, say } = await holder()
      await clock.advance(40)

      expect(await say(`${BEAT}\nx`)).toBe('ok\n')
      await until(() => clock.pending === 1)
      for (let count = 0; count < 4; count++) {
        expect(await say('x\ny')).toBe('malformed\n')
        await clock.advance(12)
      }
      socket.resume()
      await clock.advance(2)
      await once(socket, 'close')

      expect(clock.pending).toBe(0)
      expect(monitor.stats().devices).toBe(1)
    })
  })

  it('one who is silent for too long is cut off, though no beat has begun', async () => {
    const { inbox, monitor } = inboxOf()
    const patience = { messageMs: 60_000, idleMs: 30 }
    const receiver = open(await receiveOverTcp({ port: 0 }, inbox, patience))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1').resume()
    socket.write(`${BEAT}\n`)

    await once(socket, 'close')

    expect(socket.errored).toBeNull()
    await monitor.close()
  })

  it('one who never reads what is answered is not read from, and cut off', async () => {
    const { inbox } = inboxOf()
    const patience = { messageMs: 300, idleMs: 60_000 }
    const receiver = open(await receiveOverTcp({ port: 0 }, inbox, patience))
    const socket = connect(receiver.address?.port ?? 0, '127.0.0.1').pause()
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))

    // More than fits into what systems keep for a connection.
    for (let count = 0; count < 200; count++) socket.write('\n'.repeat(64_000))
    await until(() => socket.destroyed || socket.errored !== null)
    await closed

    const { malformed = 0 } = inbox.stats().refused
    expect(malformed).toBeGreaterThan(0)
    expect(malformed).toBeLessThan(200 * 64_000)
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
  /** A connection on which somebody speaks HTTP by hand; what is answered, once it is closed. */
  async function say(port: number, parts: Iterable<string>): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    for (const part of parts) {
      if (socket.destroyed) break
      socket.write(part)
      await eventLoopTurn()
    }
    await closed
    return answer
  }

  const HEAD = 'POST / HTTP/1.1\r\nhost: x\r\n'

  function* endless(part: string): Generator<string> {
    for (;;) yield part
  }

  it('a body that is told to be too long is refused', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'http', port: 0 }))
    const port = receiver.address?.port ?? 0

    const answer = await say(port, [`${HEAD}content-length: 1001\r\n\r\n`, 'x'.repeat(1001)])

    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('oversized')
    expect(inbox.stats().refused).toEqual({ oversized: 1 })
  })

  it('a body in chunks without an end is refused once', async () => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'http', port: 0 }))
    const chunks = endless('64\r\n'.concat('x'.repeat(100), '\r\n'))

    const head = `${HEAD}transfer-encoding: chunked\r\n\r\n`
    await say(
      receiver.address?.port ?? 0,
      (function* () {
        yield head
        yield* chunks
      })(),
    )

    expect(inbox.stats().refused).toEqual({ oversized: 1 })
  })

  it('a beat in chunks of one byte is heard', async () => {
    const { inbox, monitor } = inboxOf()
    const receiver = open(await receiveBeats(inbox, { over: 'http', port: 0 }))
    const chunks = Array.from(BEAT, (character) => `1\r\n${character}\r\n`)

    const head = `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n`
    const answer = await say(receiver.address?.port ?? 0, [head, ...chunks, '0\r\n\r\n'])

    expect(answer).toMatch(/^HTTP\/1.1 204 /)
    expect(monitor.isRegistered('a')).toBe(true)
    await monitor.close()
  })

  it.each([
    ['nothing at all', ''],
    ['a head that never ends', 'POST / HTTP/1.1\r\nx'],
    ['a body that never ends', `${HEAD}content-length: 100\r\n\r\n`],
  ])('one who sends %s is cut off', async (_, begin) => {
    const { inbox } = inboxOf()
    const receiver = open(await receiveOverHttp({ port: 0 }, inbox, 100))
    const rest = begin === '' ? [] : endless('')

    await say(
      receiver.address?.port ?? 0,
      (function* () {
        yield begin
        yield* rest
      })(),
    )

    expect(inbox.stats()).toEqual({ accepted: 0, refused: {} })
  })

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
