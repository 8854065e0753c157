import { MessageChannel } from 'node:worker_threads'
import { BeatInbox, HeartbeatMonitor, HeartbeatSender, receiveBeats } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { packError, unpackError } from '../src/portable-error.ts'
import { until } from '../../../test/until.ts'

const LIMIT_MS = 300

expectNoLeaks()

async function threadOver(meta: (() => unknown) | undefined, secret?: string) {
  const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS })
  const inbox = new BeatInbox(monitor, { secret })
  const { port1, port2 } = new MessageChannel()
  const receiver = await receiveBeats(inbox, { over: 'port', port: port2 })
  const route = { over: 'port', port: port1 } as const
  const sender = new HeartbeatSender({
    key: 'a',
    lostAfterMs: LIMIT_MS,
    route,
    meta,
    secret,
    thread: true,
  })
  const close = async (): Promise<void> => {
    await sender.close()
    await receiver.close()
    await monitor.close()
  }
  return { monitor, inbox, sender, close }
}

describe('HeartbeatSender in a thread of its own', () => {
  it('signs, and says what there is to say, from the first beat on', async () => {
    let load = 1
    const { monitor, inbox, close } = await threadOver(() => ({ load }), 'psst')
    await until(() => monitor.isRegistered('a'))
    expect(monitor.device('a')?.meta).toEqual({ load: 1 })

    load = 2
    await until(() => JSON.stringify(monitor.device('a')?.meta) === '{"load":2}')

    expect(inbox.stats().refused).toEqual({})
    await close()
  })

  it('counts what the thread tells', async () => {
    const { sender, close } = await threadOver(undefined)

    await until(() => sender.stats().sent >= 2)

    expect(sender.stats()).toMatchObject({ failed: 0, silent: false })
    await close()
  })

  it('beats on when a function cannot say anything, and tells', async () => {
    const { monitor, sender, close } = await threadOver(() => 1n)

    await until(() => monitor.isRegistered('a') && sender.stats().failed > 0)

    expect(monitor.device('a')?.meta).toBeUndefined()
    await close()
  })

  it('tells that nobody listens, and ends all the same', async () => {
    const route = { over: 'tcp', port: 1 } as const
    const sender = new HeartbeatSender({ key: 'a', lostAfterMs: LIMIT_MS, route, thread: true })
    const errors: unknown[] = []
    sender.on('failure', ({ error }) => errors.push(error))

    await until(() => errors.length > 1 && sender.stats().silent)

    expect(errors[0]).toMatchObject({
      name: 'BrokenError',
      message: 'Cannot send a heartbeat: the connection was closed',
      code: 'ERR_BROKEN',
      cause: { name: 'Error', code: 'ECONNREFUSED' },
    })
    await sender.close()
  })
})

describe('packError()', () => {
  it('ends with a cause that is its own, and takes what is no error', () => {
    const endless = new Error('endless')
    endless.cause = endless
    let depth = 0
    let error: unknown = unpackError(packError(endless))
    for (; error instanceof Error; error = error.cause) depth++

    expect(depth).toBe(8)
    expect(unpackError(packError('text'))).toEqual(new Error('text'))
  })
})
