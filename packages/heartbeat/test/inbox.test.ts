import { createHmac } from 'node:crypto'
import { VirtualClock } from '@cupola/core/testing'
import { BeatInbox, type BeatInboxOptions, HeartbeatMonitor } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'

const SECRET = 'between you and me'
const BEAT = { v: 1, key: 'a', epoch: 1, sequence: 1 }

function inboxOf<Meta = unknown>(options: BeatInboxOptions<Meta> = {}) {
  const clock = new VirtualClock()
  const monitor = new HeartbeatMonitor<Meta>({ lostAfterMs: 1000, clock })
  return { monitor, inbox: new BeatInbox(monitor, options) }
}

function signed(beat: unknown, secret = SECRET): string {
  const text = JSON.stringify(beat)
  return `${text}\t${createHmac('sha256', secret).update(text).digest('hex')}`
}

/** So many lists in each other. */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

function transferred(): Uint8Array {
  const bytes = new Uint8Array(40)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

describe('BeatInbox.accept()', () => {
  it('takes text and bytes', () => {
    const { inbox, monitor } = inboxOf()

    expect(inbox.accept(JSON.stringify({ ...BEAT, meta: { load: 1 } }))).toBe('registered')
    expect(inbox.accept(Buffer.from(JSON.stringify({ ...BEAT, sequence: 2 })))).toBe('ok')

    expect(monitor.device('a')?.meta).toEqual({ load: 1 })
    expect(inbox.stats()).toEqual({ accepted: 2, refused: {} })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['no object', '1'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no version', JSON.stringify({ ...BEAT, v: undefined })],
    ['no key', JSON.stringify({ ...BEAT, key: undefined })],
    ['an empty key', JSON.stringify({ ...BEAT, key: '' })],
    ['a key that is no text', JSON.stringify({ ...BEAT, key: ['a'] })],
    ['an epoch of 0', JSON.stringify({ ...BEAT, epoch: 0 })],
    ['an epoch with a fraction', JSON.stringify({ ...BEAT, epoch: 1.5 })],
    ['an endless number', '{"v":1,"key":"a","epoch":1e999,"sequence":1}'],
    ['the largest epoch', JSON.stringify({ ...BEAT, epoch: Number.MAX_SAFE_INTEGER })],
    ['a negative number', JSON.stringify({ ...BEAT, sequence: -1 })],
    ['a period of 0', JSON.stringify({ ...BEAT, periodMs: 0 })],
    ['a negative lag', JSON.stringify({ ...BEAT, blockedMs: -1 })],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['undefined', undefined],
    ['an object', BEAT],
    ['no bytes', new Uint8Array()],
    ['bytes that were transferred away', transferred()],
    ['lists in lists', JSON.stringify({ ...BEAT, meta: 0 }).replace('0}', `${nested(2000)}}`)],
    ['lists in lists, and no end', '['.repeat(4000)],
    ['objects in objects', '{"v":'.repeat(1500)],
  ])('refuses %s as malformed', (_, message) => {
    const { inbox } = inboxOf()

    expect(inbox.accept(message)).toBe('malformed')
    expect(inbox.stats()).toEqual({ accepted: 0, refused: { malformed: 1 } })
  })

  it.each([0, 2, 1.5])('refuses version %d', (v) => {
    const { inbox } = inboxOf()

    expect(inbox.accept(JSON.stringify({ ...BEAT, v }))).toBe('version')
  })

  it('refuses what is too long, in bytes', () => {
    const { inbox } = inboxOf({ maxBytes: 100 })
    const umlauts = JSON.stringify({ ...BEAT, meta: 'ü'.repeat(30) })

    expect(inbox.accept('x'.repeat(101))).toBe('oversized')
    expect(umlauts.length).toBeLessThan(100)
    expect(inbox.accept(umlauts)).toBe('oversized')
    expect(inbox.accept(Buffer.alloc(101))).toBe('oversized')
    expect(inbox.accept('x'.repeat(100))).toBe('malformed')
  })

  it('takes what is nested 63 levels deep, and nothing deeper', () => {
    const { inbox, monitor } = inboxOf()
    const withMeta = (meta: string): string =>
      `${JSON.stringify(BEAT).slice(0, -1)},"meta":${meta}}`

    expect(inbox.accept(withMeta(nested(64)))).toBe('malformed')
    expect(inbox.accept(withMeta(nested(63)))).toBe('registered')

    expect(JSON.stringify(monitor.snapshot())).toContain(nested(63))
  })

  it('takes a field that names a prototype for what a device says of itself, and nothing more', () => {
    const { inbox, monitor } = inboxOf()

    inbox.accept('{"v":1,"key":"__proto__","epoch":1,"sequence":1,"meta":{"__proto__":{"a":1}}}')

    expect(monitor.device('__proto__')?.meta).not.toHaveProperty('a')
    expect(Reflect.get({}, 'a')).toBeUndefined()
  })

  it('refuses what is replayed, stale or of nobody, and counts why', () => {
    const { inbox } = inboxOf({ register: false })
    inbox.monitor.receive({ key: 'a', epoch: 5, sequence: 5 })

    expect(inbox.accept(JSON.stringify({ ...BEAT, epoch: 5, sequence: 5 }))).toBe('replayed')
    expect(inbox.accept(JSON.stringify({ ...BEAT, epoch: 4, sequence: 9 }))).toBe('stale')
    expect(inbox.accept(JSON.stringify({ ...BEAT, key: 'b' }))).toBe('unknown')

    expect(inbox.stats().refused).toEqual({ replayed: 1, stale: 1, unknown: 1 })
  })

  it('refuses everything once its monitor is closed', async () => {
    const { inbox, monitor } = inboxOf()
    await monitor.close()

    expect(inbox.accept(JSON.stringify(BEAT))).toBe('closed')
  })

  it.each([
    ['a text that is an object', new String('{}')],
    ['numbers of two bytes', new Uint16Array(4)],
    ['what only says that it is bytes', Object.create(Uint8Array.prototype)],
    ['bytes behind a proxy', new Proxy(new Uint8Array(4), {})],
  ])('takes %s for malformed', (_, message: unknown) => {
    expect(inboxOf().inbox.accept(message)).toBe('malformed')
  })

  it('tells of what it refuses', () => {
    const { inbox } = inboxOf()
    const reasons: string[] = []
    inbox.on('refused', ({ reason }) => reasons.push(reason))

    inbox.accept('hello')

    expect(reasons).toEqual(['malformed'])
  })

  it('has the meta of others checked', () => {
    const { inbox, monitor } = inboxOf({
      parseMeta(meta) {
        if (typeof meta === 'number') return `load ${meta}`
        throw new TypeError('no number')
      },
    })

    expect(inbox.accept(JSON.stringify({ ...BEAT, meta: 'x' }))).toBe('malformed')
    expect(inbox.accept(JSON.stringify({ ...BEAT, meta: 2 }))).toBe('registered')
    expect(inbox.accept(JSON.stringify({ ...BEAT, sequence: 2 }))).toBe('ok')
    expect(monitor.device('a')?.meta).toBe('load 2')
  })
})

describe('BeatInbox with a secret', () => {
  it('takes what is signed with it', () => {
    const { inbox } = inboxOf({ secret: SECRET })

    expect(inbox.accept(signed(BEAT))).toBe('registered')
    expect(inbox.accept(Buffer.from(signed({ ...BEAT, sequence: 2 })))).toBe('ok')
  })

  it('refuses what is not signed, or by somebody else, or changed', () => {
    const { inbox } = inboxOf({ secret: SECRET })
    const message = signed(BEAT)

    expect(inbox.accept(JSON.stringify(BEAT))).toBe('unsigned')
    expect(inbox.accept(signed(BEAT, 'guess'))).toBe('forged')
    expect(inbox.accept(message.replace('"a"', '"b"'))).toBe('forged')
    expect(inbox.accept(message.slice(0, -1))).toBe('forged')
    expect(inbox.accept(`${message}\t`)).toBe('forged')
    expect(inbox.accept(`${message.slice(0, -1)}ü`)).toBe('forged')

    expect(inbox.monitor.stats().devices).toBe(0)
  })

  it('does not take a signed message twice, also if the device was forgotten meanwhile', () => {
    const { inbox, monitor } = inboxOf({ secret: SECRET })
    const message = signed(BEAT)
    inbox.accept(message)
    monitor.forget('a')

    expect(inbox.accept(message)).toBe('replayed')
  })

  it('is needed to read what is signed', () => {
    const { inbox } = inboxOf()

    expect(inbox.accept(signed(BEAT))).toBe('unverifiable')
  })

  it('must not be empty', () => {
    expect(() => inboxOf({ secret: '' })).toThrow(RangeError)
    expect(() => inboxOf({ secret: new Uint8Array() })).toThrow(RangeError)
    expect(() => inboxOf({ secret: JSON.parse('5') })).toThrow(TypeError)
  })
})
