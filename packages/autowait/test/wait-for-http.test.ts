import { createServer } from 'node:net'
import { type OpenHttpAnswer, waitForHttp, waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { runUntilSettled } from './fixtures/run-until.ts'
import {
  closed,
  closeServersAfterEach,
  freePort,
  listening,
  webServer,
} from './fixtures/servers.ts'

const leaks = expectNoLeaks()
closeServersAfterEach()

const timeout = 20_000

describe('waitForHttp()', () => {
  it('gives the first answer of success', async () => {
    const statuses = [500, 302, 404, 204]
    const url = await webServer((_, response) => {
      response.writeHead(statuses.shift() ?? 200, { 'x-mark': 'mine' }).end()
    })

    const answer = await waitForHttp(url, { timeout })

    expect(answer.status).toBe(204)
    expect(answer.headers['x-mark']).toBe('mine')
    expect(statuses).toEqual([])
  })

  it('asks what it is told', async () => {
    let seen: unknown
    const url = await webServer(({ method, headers }, response) => {
      seen = { method, mark: headers['x-mark'] }
      response.end()
    })

    const request = { method: 'HEAD', headers: { 'x-mark': 'mine' } }
    await waitForHttp(new URL(url), { request, timeout })

    expect(seen).toEqual({ method: 'HEAD', mark: 'mine' })
  })

  it('waits until a function accepts the answer, which can read it', async () => {
    const bodies = ['starting', 'grün']
    const url = await webServer((_, response) => void response.end(bodies.shift()))

    const answer = await waitForHttp(url, {
      until: async ({ text }) => (await text()) === 'grün',
      timeout,
    })

    expect(answer.status).toBe(200)
    expect(bodies).toEqual([])
  })

  it('reads no more than 1 MiB', async () => {
    const url = await webServer((_, response) => void response.end('a'.repeat(3 * 1024 * 1024)))
    const lengths: number[] = []

    await waitForHttp(url, {
      until: async ({ text }) => lengths.push((await text()).length) > 0,
      timeout,
    })

    expect(lengths).toEqual([1024 * 1024])
  })

  it('rejects with what the function throws', async () => {
    const url = await webServer((_, response) => void response.end())
    const until = () => Promise.reject(new RangeError('mine'))

    await expect(waitForHttp(url, { until, timeout })).rejects.toEqual(new RangeError('mine'))
  })

  it('goes on when a connection breaks off, before the answer or in it', async () => {
    let calls = 0
    const url = await webServer((request, response) => {
      calls++
      if (calls === 1) request.socket.destroy()
      else if (calls === 2) response.write('half', () => request.socket.destroy())
      else response.end('whole')
    })

    await waitForHttp(url, { until: async ({ text }) => (await text()) === 'whole', timeout })

    expect(calls).toBe(3)
  })

  it('gives an attempt up after attemptMs, and tries again', async () => {
    const clock = new VirtualClock()
    let calls = 0
    const url = await webServer((_, response) => {
      if (++calls > 1) response.end()
    })
    const waiting = waitForHttp(url, { clock, attemptMs: 3000 })
    await waitUntil(() => calls === 1)

    await clock.advance(3000)
    while (clock.pending === 0) await stateOf(waiting)
    await clock.advance(3000)

    expect((await waiting).status).toBe(200)
    expect(calls).toBe(2)
  })

  it('does not mind that a function drops the body, whose end then breaks off', async () => {
    let calls = 0
    const url = await webServer((_, response) => {
      if (++calls === 1) response.writeHead(503).write('starting')
      else response.end('ready')
    })
    const until = async ({ status, text }: OpenHttpAnswer) => {
      const body = text()
      return status === 200 && (await body) === 'ready'
    }

    await waitForHttp(url, { until, timeout })

    expect(calls).toBe(2)
  })

  it('rejects with what the function throws, though it has not awaited the body', async () => {
    const url = await webServer((_, response) => void response.end('body'))
    const until = ({ text }: OpenHttpAnswer) => {
      void text()
      throw new RangeError('mine')
    }

    await expect(waitForHttp(url, { until, timeout })).rejects.toEqual(new RangeError('mine'))
  })

  it('takes 101 for an answer like others', async () => {
    const answers = ['101 Upgrade\r\nConnection: Upgrade\r\nUpgrade: x', '204 None']
    const made = createServer((socket) => {
      socket.resume().end(`HTTP/1.1 ${answers.shift()}\r\n\r\n`)
    })
    const url = `http://127.0.0.1:${await listening(made)}`

    const { status } = await waitForHttp(url, { timeout })

    expect(status).toBe(204)
    await closed(made)
  })

  it('asks again when the function has not decided within attemptMs', async () => {
    const clock = new VirtualClock()
    const url = await webServer((_, response) => void response.end())
    let asked = 0
    const until = () => (++asked > 1 ? true : new Promise<boolean>(() => {}))
    const waiting = waitForHttp(url, { until, clock, attemptMs: 3000 })
    await waitUntil(() => asked === 1)

    await clock.advance(3000)
    await runUntilSettled(clock, waiting)

    expect(asked).toBe(2)
  })

  it.each([
    ['a header', { headers: { 'a b': '1' } }],
    ['a method', { method: 'BAD METHOD' }],
    ['a family', { family: 9 }],
    ['a lookup', { lookup: 5 }],
    ['options', 5],
  ])('rejects %s that no request can have', async (_, request) => {
    const url = `http://localhost:${await freePort()}`

    await expect(waitForHttp(url, { request: request as never })).rejects.toThrow(TypeError)
  })

  it('tells nobody the password of a URL', async () => {
    const url = `http://joe:secret@127.0.0.1:${await freePort()}/`

    const error = await errorOf(waitForHttp(url, { timeout: 0 }))

    expect(error.message).not.toMatch(/joe|secret/)
  })

  it('ends at once when it is aborted before there is a connection', async () => {
    const controller = new AbortController()
    const clock = new VirtualClock()
    const { signal } = controller
    const waiting = waitForHttp(`http://127.0.0.1:${await freePort()}`, { signal, clock })
    waiting.catch(() => {})

    controller.abort('enough')
    for (let turns = 0; turns < 20; turns++) await stateOf(waiting)

    expect(await stateOf(waiting)).toBe('rejected')
  })

  it('says what was answered last', async () => {
    const url = await webServer((_, response) => response.writeHead(503).end())

    const error = await errorOf(waitForHttp(url, { timeout: 0 }))

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe(`Cannot wait for ${url}/ (last seen: status 503): waited 0 ms`)
  })

  it('says why there is no answer', async () => {
    const error = await errorOf(waitForHttp(`http://127.0.0.1:${await freePort()}`, { timeout: 0 }))

    expect(error.message).toContain('ECONNREFUSED')
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    let calls = 0
    const url = await webServer(() => calls++)
    const waiting = waitForHttp(url, { signal: leaks.watch(controller.signal) })
    await waitUntil(() => calls === 1)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
  })

  it.each([
    ['another protocol', 'ftp://localhost', {}, TypeError],
    ['no URL', 'localhost', {}, TypeError],
    ['no function', 'http://localhost', { until: 200 }, TypeError],
  ])('rejects %s', async (_, url, options, kind) => {
    await expect(waitForHttp(url, options as never)).rejects.toThrow(kind)
  })
})
