import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks, LeakWatch } from './leaks.ts'

const NOW = 0

describe('LeakWatch', () => {
  it('finds a server until it is closed', async () => {
    const leaks = new LeakWatch()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')

    const open = await leaks.end(NOW)
    server.close()

    expect(open).toEqual(['TCPServerWrap'])
    expect(await leaks.end()).toEqual([])
  })

  it('finds a thread until it has ended', async () => {
    const leaks = new LeakWatch()
    const thread = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await once(thread, 'online')

    const running = await leaks.end(NOW)
    await thread.terminate()

    expect(running).toContain('thread')
    expect(await leaks.end()).toEqual([])
  })

  it('finds every listener that is left on a signal', async () => {
    const leaks = new LeakWatch()
    const signal = leaks.watch(new AbortController().signal)
    const listener = (): void => {}
    signal.addEventListener('abort', listener)

    const listening = await leaks.end(NOW)
    signal.removeEventListener('abort', listener)

    expect(listening).toEqual(['listener'])
    expect(await leaks.end()).toEqual([])
  })
})

describe('expectNoLeaks()', () => {
  const { watch } = expectNoLeaks()

  it('accepts a test that cleans up', async () => {
    const { signal } = new AbortController()
    watch(signal)
    const thread = new Worker('', { eval: true })

    await once(thread, 'exit')

    expect(thread.threadId).toBe(-1)
  })
})
