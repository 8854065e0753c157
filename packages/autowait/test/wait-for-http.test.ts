import { waitForHttp, waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { closeServersAfterEach, freePort, webServer } from './fixtures/servers.ts'

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
