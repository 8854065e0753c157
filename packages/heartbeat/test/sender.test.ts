import { VirtualClock } from '@cupola/core/testing'
import {
  BeatInbox,
  HeartbeatMonitor,
  HeartbeatSender,
  type HeartbeatSenderOptions,
  type Transport,
} from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

const LIMIT_MS = 3000

/** A transport that notes when it is called, and does what it is told. */
class Line implements Transport {
  readonly calls: { readonly at: number; readonly signal: AbortSignal }[] = []
  answer: () => Promise<void> = () => Promise.resolve()
  isClosed = false
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  send(_message: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    this.calls.push({ at: this.#clock.now(), signal })
    return this.answer()
  }

  close(): void {
    this.isClosed = true
  }

  /** Milliseconds from each call to the next. */
  get gaps(): number[] {
    return this.calls.slice(1).map(({ at }, index) => at - (this.calls[index]?.at ?? 0))
  }
}

function senderOf(options: Partial<HeartbeatSenderOptions> = {}) {
  const clock = new VirtualClock({ wall: 1_700_000_000_000 })
  const line = new Line(clock)
  const sender = new HeartbeatSender({
    key: 'a',
    lostAfterMs: LIMIT_MS,
    route: line,
    clock,
    jitter: 0,
    ...options,
  })
  const told: string[] = []
  for (const name of ['sent', 'failure', 'silent', 'restored'] as const) {
    sender.on(name, () => told.push(name))
  }
  return { clock, line, sender, told }
}

describe('HeartbeatSender', () => {
  it('keeps a device alive as long as it is open', async () => {
    const clock = new VirtualClock({ wall: 1000 })
    const monitor = new HeartbeatMonitor<{ load: number }>({ lostAfterMs: LIMIT_MS, clock })
    const inbox = new BeatInbox(monitor, { secret: 'psst' })
    const route = { over: 'inbox', inbox } as const
    const meta = (): unknown => ({ load: 0.5 })
    const options = { key: 'a', lostAfterMs: LIMIT_MS, route, meta, secret: 'psst', clock }

    const sender = new HeartbeatSender(options)
    await clock.advance(10 * LIMIT_MS)

    expect(monitor.device('a')).toMatchObject({ state: 'alive', meta: { load: 0.5 }, epoch: 1000 })
    expect(inbox.stats().refused).toEqual({})
    await sender.close()
    await clock.advance(LIMIT_MS)
    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('has an epoch also where time begins with 0', () => {
    const clock = new VirtualClock()
    const { sender } = senderOf({ clock, route: new Line(clock) })

    expect(sender.epoch).toBe(1)
  })

  it('beats at once, and then a third of the limit apart', async () => {
    const { clock, line } = senderOf()

    await clock.advance(3000)

    expect(line.calls.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000])
  })

  it('never waits longer than a period, and cuts off no more than the jitter', async () => {
    const { clock, line } = senderOf({ jitter: 0.5 })

    await clock.advance(100_000)

    expect(Math.max(...line.gaps)).toBeLessThanOrEqual(1000)
    expect(Math.min(...line.gaps)).toBeGreaterThanOrEqual(500)
    expect(new Set(line.gaps).size).toBeGreaterThan(50)
  })

  it('counts the period from one beginning to the next, however long calls take', async () => {
    const { clock, line } = senderOf()
    line.answer = () => new Promise((resolve) => clock.setTimer(resolve, 600))

    await clock.advance(3000)

    expect(line.calls.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000])
  })

  it('gives up a call that does not end, and says so', async () => {
    const { clock, line, sender } = senderOf({ timeout: 700 })
    const errors: unknown[] = []
    sender.on('failure', ({ error }) => errors.push(error))
    line.answer = () => new Promise(() => {})

    await clock.advance(700)

    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_TIMEOUT', timeout: 700 })])
    expect(line.calls[0]?.signal.aborted).toBe(true)
  })

  it('has one call under way at a time', async () => {
    const { clock, line } = senderOf()
    let open = 0
    let most = 0
    line.answer = () => {
      most = Math.max(most, ++open)
      return new Promise((resolve) => clock.setTimer(() => resolve(void open--), 999))
    }

    await clock.advance(60_000)

    expect(most).toBe(1)
    expect(line.calls.length).toBeGreaterThan(50)
  })

  it('tries again soon after a failure, and then less and less soon, up to a period', async () => {
    const { clock, line, told } = senderOf()
    line.answer = () => Promise.reject(new Error('no route'))

    await clock.advance(5000)

    expect(line.gaps.slice(0, 6)).toEqual([125, 250, 500, 1000, 1000, 1000])
    expect(told.slice(0, 3)).toEqual(['failure', 'failure', 'failure'])
  })

  it('tells that it is silent, once, and that it is heard again', async () => {
    const { clock, line, sender, told } = senderOf()
    line.answer = () => Promise.reject(new Error('no route'))
    await clock.advance(10 * LIMIT_MS)
    expect(told.filter((name) => name === 'silent')).toHaveLength(1)
    expect(sender.stats().silent).toBe(true)

    line.answer = () => Promise.resolve()
    await clock.advance(1000)

    expect(told.slice(-2)).toEqual(['sent', 'restored'])
    expect(sender.stats()).toMatchObject({ silent: false, sent: 1 })
  })

  it('takes a function that throws for a failure', async () => {
    const meta = (): never => {
      throw new Error('no idea')
    }
    const { clock, told, line } = senderOf({ meta })

    await clock.advance(0)

    expect(told).toEqual(['failure'])
    expect(line.calls).toEqual([])
  })

  it('hears that it was refused', async () => {
    const clock = new VirtualClock({ wall: 1000 })
    const monitor = new HeartbeatMonitor({ lostAfterMs: LIMIT_MS, clock })
    const route = { over: 'inbox', inbox: new BeatInbox(monitor, { register: false }) } as const
    const sender = new HeartbeatSender({ key: 'a', lostAfterMs: LIMIT_MS, route, clock })
    const errors: unknown[] = []
    sender.on('failure', ({ error }) => errors.push(error))

    await clock.advance(0)

    expect(String(errors[0])).toBe(
      'BrokenError: Cannot send a heartbeat: it was refused as unknown',
    )
    await sender.close()
  })

  it('closes when the call that is under way has ended', async () => {
    const { clock, line, sender } = senderOf()
    line.answer = () => new Promise((resolve) => clock.setTimer(resolve, 500))
    await clock.advance(0)

    const closing = sender.close()

    expect(sender.close()).toBe(closing)
    expect(await stateOf(closing)).toBe('pending')
    await clock.advance(500)
    await closing
    expect(line.isClosed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it.each([
    [{ periodMs: 1001 }, RangeError],
    [{ timeout: 1001 }, RangeError],
    [{ jitter: 1.5 }, RangeError],
    [{ epoch: 0 }, RangeError],
    [{ secret: '' }, RangeError],
    [{ key: '' }, TypeError],
    [{ thread: true }, TypeError],
  ])('refuses %j', (options, kind) => {
    expect(() => senderOf(options)).toThrow(kind)
  })
})
