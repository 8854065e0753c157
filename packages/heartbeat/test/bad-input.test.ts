import { VirtualClock } from '@cupola/core/testing'
import {
  BeatInbox,
  type Beat,
  deadline,
  fileSnapshots,
  HeartbeatMonitor,
  HeartbeatSender,
  HolderLease,
  hostReport,
  journalSnapshots,
  keepSnapshots,
  missedBeats,
  phiAccrual,
  receiveBeats,
} from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/failure-of.ts'

/** What a call does, what it throws, and all that this says. */
type Refusals = readonly (readonly [
  what: string,
  call: () => unknown,
  kind: typeof TypeError | typeof RangeError,
  message: string,
])[]

/** Whatever a program without a compiler may pass. */
function any(value: unknown): never {
  return value as never
}

const clock = new VirtualClock()
const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, clock })
const inbox = new BeatInbox(monitor)
const BEAT: Beat = { key: 'a', epoch: 1, sequence: 1 }

function monitorOf(options: object): HeartbeatMonitor {
  return new HeartbeatMonitor({ lostAfterMs: 1000, clock, ...options })
}

function inboxOf(options: object): BeatInbox {
  return new BeatInbox(monitor, any(options))
}

function senderOf(options: object): HeartbeatSender {
  const route = { over: 'inbox', inbox } as const
  return new HeartbeatSender(any({ key: 'a', lostAfterMs: 3000, route, clock, ...options }))
}

function leaseOf(options: object): HolderLease<number> {
  return new HolderLease(async () => ({ token: 1 }), any({ ttlMs: 3000, clock, ...options }))
}

function noNumber(name: string, got = 'string'): [typeof TypeError, string] {
  return [TypeError, `Cannot use ${name}: got ${got}, expected a number`]
}

function notPositive(name: string, got: number): [typeof RangeError, string] {
  return [RangeError, `Cannot use ${name}: got ${got}, expected a finite number above 0`]
}

function noShare(name: string, got: number): [typeof RangeError, string] {
  return [RangeError, `Cannot use ${name}: got ${got}, expected a number above 0, up to 1`]
}

function negative(name: string, got: number): [typeof RangeError, string] {
  return [RangeError, `Cannot use ${name}: got ${got}, expected milliseconds from 0 up`]
}

function noObject(name: string, got: string): [typeof TypeError, string] {
  return [TypeError, `Cannot use ${name}: got ${got}, expected an object`]
}

function noFunction(name: string, got: string): [typeof TypeError, string] {
  return [TypeError, `Cannot use ${name}: got ${got}, expected a function`]
}

const OF_MONITOR: Refusals = [
  ['no options', () => new HeartbeatMonitor(any(undefined)), ...noObject('options', 'undefined')],
  ['no limit', () => new HeartbeatMonitor(any({})), ...noNumber('lostAfterMs', 'undefined')],
  ['a limit that is text', () => monitorOf({ lostAfterMs: '9' }), ...noNumber('lostAfterMs')],
  ...[0, -1, NaN, Infinity].map(
    (lostAfterMs) =>
      [
        `a limit of ${lostAfterMs}`,
        () => monitorOf({ lostAfterMs }),
        ...notPositive('lostAfterMs', lostAfterMs),
      ] as const,
  ),
  ['a detector that is none', () => monitorOf({ detector: 8 }), ...noObject('detector', 'number')],
  [
    'a detector without a judge',
    () => monitorOf({ detector: {} }),
    ...noFunction('detector.judge', 'undefined'),
  ],
  ...[0, 0.999, -1, NaN, Infinity].map(
    (sweepMs) =>
      [
        `a sweep every ${sweepMs} ms`,
        () => monitorOf({ sweepMs }),
        RangeError,
        `Cannot use sweepMs: got ${sweepMs}, expected a finite number from 1 up`,
      ] as const,
  ),
  ['a sweep that is text', () => monitorOf({ sweepMs: '5' }), ...noNumber('sweepMs')],
  [
    'keepLost that is no boolean',
    () => monitorOf({ keepLost: 1 }),
    TypeError,
    'Cannot use keepLost: got number, expected a boolean',
  ],
  ['maxLost that is text', () => monitorOf({ maxLost: '1' }), ...noNumber('maxLost')],
  [
    'maxLost of 0',
    () => monitorOf({ maxLost: 0 }),
    RangeError,
    'Cannot use maxLost: got 0, expected an integer from 1 up, or Infinity',
  ],
  [
    'maxDevices with a fraction',
    () => monitorOf({ maxDevices: 1.5 }),
    RangeError,
    'Cannot use maxDevices: got 1.5, expected an integer from 1 up, or Infinity',
  ],
  ['busyAfterMs that is text', () => monitorOf({ busyAfterMs: '1' }), ...noNumber('busyAfterMs')],
  ['busyAfterMs below 0', () => monitorOf({ busyAfterMs: -1 }), ...negative('busyAfterMs', -1)],
  [
    'pauseToleranceMs that is none',
    () => monitorOf({ pauseToleranceMs: NaN }),
    ...negative('pauseToleranceMs', NaN),
  ],
  ['massLoss of true', () => monitorOf({ massLoss: true }), ...noObject('massLoss', 'boolean')],
  ['a share of 0', () => monitorOf({ massLoss: { share: 0 } }), ...noShare('massLoss.share', 0)],
  ['a share of -1', () => monitorOf({ massLoss: { share: -1 } }), ...noShare('massLoss.share', -1)],
  [
    'a share above 1',
    () => monitorOf({ massLoss: { share: 1.1 } }),
    ...noShare('massLoss.share', 1.1),
  ],
  [
    'at least 0',
    () => monitorOf({ massLoss: { atLeast: 0 } }),
    RangeError,
    'Cannot use massLoss.atLeast: got 0, expected an integer from 1 up, or Infinity',
  ],
  [
    'a hold without an end',
    () => monitorOf({ massLoss: { holdMs: Infinity } }),
    ...notPositive('massLoss.holdMs', Infinity),
  ],
  ['a clock that is none', () => monitorOf({ clock: 5 }), ...noObject('clock', 'number')],
  [
    'a clock without timers',
    () => monitorOf({ clock: { now: Date.now, wall: Date.now } }),
    TypeError,
    'Cannot use clock: it has no setTimer(), expected a Clock',
  ],
]

const NO_KEY = [TypeError, 'Cannot use key: got number, expected a string'] as const
const EMPTY_KEY = [
  TypeError,
  'Cannot use key: got "", expected a string that is not empty',
] as const

const OF_MONITOR_METHODS: Refusals = [
  ['activate(5)', () => monitor.activate(any(5)), ...NO_KEY],
  ['activate("")', () => monitor.activate(''), ...EMPTY_KEY],
  [
    'activate(null)',
    () => monitor.activate(any(null)),
    TypeError,
    'Cannot use key: got null, expected a string',
  ],
  [
    'activate() with options of null',
    () => monitor.activate('a', 1, any(null)),
    ...noObject('options', 'null'),
  ],
  [
    'activate() with a limit of 0',
    () => monitor.activate('a', 1, { lostAfterMs: 0 }),
    ...notPositive('lostAfterMs', 0),
  ],
  [
    'activate() with a period that is text',
    () => monitor.activate('a', 1, any({ periodMs: '1' })),
    ...noNumber('periodMs'),
  ],
  [
    'refresh(5)',
    () => monitor.refresh(any(5)),
    TypeError,
    'Cannot use keyOrSession: got number, expected a key or a session',
  ],
  [
    'refresh(null)',
    () => monitor.refresh(any(null)),
    TypeError,
    'Cannot use keyOrSession: got null, expected a key or a session',
  ],
  [
    'refresh({})',
    () => monitor.refresh(any({})),
    TypeError,
    'Cannot use keyOrSession: got object, expected a key or a session',
  ],
  [
    'receive() with a flag that is none',
    () => monitor.receive(BEAT, any('no')),
    TypeError,
    'Cannot use mayRegister: got string, expected a boolean',
  ],
  ['forget(5)', () => monitor.forget(any(5)), ...NO_KEY],
  ['device("")', () => monitor.device(''), ...EMPTY_KEY],
  ['isRegistered(5)', () => monitor.isRegistered(any(5)), ...NO_KEY],
  [
    'isRegistered() with options of null',
    () => monitor.isRegistered('a', any(null)),
    ...noObject('options', 'null'),
  ],
  [
    'isRegistered() with a flag that is none',
    () => monitor.isRegistered('a', any({ includeLost: 1 })),
    TypeError,
    'Cannot use includeLost: got number, expected a boolean',
  ],
  ['setLostAfter(0)', () => monitor.setLostAfter(0), ...notPositive('lostAfterMs', 0)],
  ['setLostAfter("1")', () => monitor.setLostAfter(any('1')), ...noNumber('lostAfterMs')],
  ['setLostAfter(5, 5)', () => monitor.setLostAfter(any(5), 5), ...NO_KEY],
  ['setLostAfter("a", -1)', () => monitor.setLostAfter('a', -1), ...notPositive('lostAfterMs', -1)],
  ['verdicts(null)', () => monitor.verdicts(any(null)), ...noObject('options', 'null')],
  [
    'verdicts() of no capacity',
    () => monitor.verdicts({ capacity: 0 }),
    RangeError,
    'Cannot use capacity: got 0, expected an integer from 1 up, or Infinity',
  ],
  [
    'verdicts() with a signal that is none',
    () => monitor.verdicts(any({ signal: 5 })),
    TypeError,
    'Cannot use signal: got number, expected an AbortSignal',
  ],
  [
    'on() without a listener',
    () => monitor.on('lost', any(1)),
    ...noFunction('listener', 'number'),
  ],
  ['restore(null)', () => monitor.restore(any(null)), ...noObject('snapshot', 'null')],
  [
    'restore() of another version',
    () => monitor.restore(any({ version: 2 })),
    TypeError,
    'Cannot use snapshot: its version is 2, expected 1',
  ],
]

const OF_DETECTORS: Refusals = [
  ['deadline(1)', () => deadline(any(1)), ...noObject('options', 'number')],
  ['a share of 0', () => deadline({ suspectShare: 0 }), ...noShare('suspectShare', 0)],
  ['missedBeats("3")', () => missedBeats(any('3')), ...noNumber('count')],
  ['missedBeats(0)', () => missedBeats(0), ...notPositive('count', 0)],
  ['missedBeats(3, 1)', () => missedBeats(3, any(1)), ...noObject('options', 'number')],
  ['a share above 1', () => missedBeats(3, { suspectShare: 2 }), ...noShare('suspectShare', 2)],
  ['a period of 0', () => missedBeats(3, { periodMs: 0 }), ...notPositive('periodMs', 0)],
  ['phiAccrual(null)', () => phiAccrual(any(null)), ...noObject('options', 'null')],
  [
    'a form that is none',
    () => phiAccrual({ form: any('bell') }),
    TypeError,
    'Cannot use form: got bell, expected "normal" or "exponential"',
  ],
  ['a threshold of 0', () => phiAccrual({ threshold: 0 }), ...notPositive('threshold', 0)],
  ['a threshold of NaN', () => phiAccrual({ threshold: NaN }), ...notPositive('threshold', NaN)],
  ['a share of -1', () => phiAccrual({ suspectShare: -1 }), ...noShare('suspectShare', -1)],
  [
    'a window of 1',
    () => phiAccrual({ window: 1 }),
    RangeError,
    'Cannot use window: got 1, expected an integer from 2 to 1000000',
  ],
  ['no least deviation', () => phiAccrual({ minStdDevMs: 0 }), ...notPositive('minStdDevMs', 0)],
  [
    'a pause below 0',
    () => phiAccrual({ acceptablePauseMs: -1 }),
    ...negative('acceptablePauseMs', -1),
  ],
]

const OF_INBOX: Refusals = [
  ['no monitor', () => new BeatInbox(any(undefined)), ...noObject('monitor', 'undefined')],
  ['options of null', () => inboxOf(any(null)), ...noObject('options', 'null')],
  [
    'a secret that is a number',
    () => inboxOf({ secret: 5 }),
    TypeError,
    'Cannot use secret: got number, expected text or bytes',
  ],
  [
    'an empty secret',
    () => inboxOf({ secret: '' }),
    RangeError,
    'Cannot use secret: it is empty, expected a byte or more',
  ],
  [
    'maxBytes below 64',
    () => inboxOf({ maxBytes: 63 }),
    RangeError,
    'Cannot use maxBytes: got 63, expected an integer from 64 to 65536',
  ],
  [
    'register that is no boolean',
    () => inboxOf({ register: 'no' }),
    TypeError,
    'Cannot use register: got string, expected a boolean',
  ],
  ['parseMeta that is none', () => inboxOf({ parseMeta: 5 }), ...noFunction('parseMeta', 'number')],
]

const OF_SENDER: Refusals = [
  ['no options', () => new HeartbeatSender(any(5)), ...noObject('options', 'number')],
  ['no key', () => senderOf({ key: 5 }), ...NO_KEY],
  ['an empty key', () => senderOf({ key: '' }), ...EMPTY_KEY],
  ['no route', () => senderOf({ route: 5 }), ...noObject('route', 'number')],
  [
    'a route that is none',
    () => senderOf({ route: { over: 'smtp' } }),
    TypeError,
    'Cannot use route: got {"over":"smtp"}, expected one that is known',
  ],
  [
    'a transport that cannot send',
    () => senderOf({ route: { close() {} } }),
    ...noFunction('route.send', 'undefined'),
  ],
  [
    'a transport that cannot close',
    () => senderOf({ route: { send() {} } }),
    ...noFunction('route.close', 'undefined'),
  ],
  [
    'a port that is none',
    () => senderOf({ route: { over: 'udp', port: 65_536 } }),
    RangeError,
    'Cannot use route.port: got 65536, expected an integer from 1 to 65535',
  ],
  [
    'a host that is none',
    () => senderOf({ route: { over: 'tcp', port: 1, host: 5 } }),
    TypeError,
    'Cannot use route.host: got number, expected a string',
  ],
  [
    'a URL that is none',
    () => senderOf({ route: { over: 'http', url: 'over there' } }),
    TypeError,
    'Cannot use route.url: got over there, expected a URL of http or https',
  ],
  [
    'a URL of something else',
    () => senderOf({ route: { over: 'http', url: 'ftp://x' } }),
    TypeError,
    'Cannot use route.url: got ftp://x, expected a URL of http or https',
  ],
  ['no limit', () => senderOf({ lostAfterMs: undefined }), ...noNumber('lostAfterMs', 'undefined')],
  ['a limit of 0', () => senderOf({ lostAfterMs: 0 }), ...notPositive('lostAfterMs', 0)],
  ['meta that is no function', () => senderOf({ meta: {} }), ...noFunction('meta', 'object')],
  [
    'an empty secret',
    () => senderOf({ secret: new Uint8Array() }),
    RangeError,
    'Cannot use secret: it is empty, expected a byte or more',
  ],
  [
    'an epoch of 0',
    () => senderOf({ epoch: 0 }),
    RangeError,
    `Cannot use epoch: got 0, expected an integer from 1 to ${2 ** 52}`,
  ],
  [
    'a period above a third of the limit',
    () => senderOf({ periodMs: 1001 }),
    RangeError,
    'Cannot use periodMs: got 1001, expected at most 1000',
  ],
  [
    'a call longer than a period',
    () => senderOf({ timeout: 1001 }),
    RangeError,
    'Cannot use timeout: got 1001, expected at most 1000',
  ],
  ['silence of 0', () => senderOf({ silentAfterMs: 0 }), ...notPositive('silentAfterMs', 0)],
  [
    'a jitter above 1',
    () => senderOf({ jitter: 1.5 }),
    RangeError,
    'Cannot use jitter: got 1.5, expected at most 1',
  ],
  ['a clock that is none', () => senderOf({ clock: 5 }), ...noObject('clock', 'number')],
  [
    'thread that is no boolean',
    () => senderOf({ thread: 1 }),
    TypeError,
    'Cannot use thread: got number, expected a boolean',
  ],
  [
    'a thread on a way that it cannot go',
    () => senderOf({ thread: true }),
    TypeError,
    'Cannot use route: a thread of its own has only tcp, udp, http and port',
  ],
  [
    'a thread on a clock of your own',
    () => senderOf({ thread: true, route: { over: 'tcp', port: 1 } }),
    TypeError,
    "Cannot use clock: a thread of its own has the machine's",
  ],
]

const OF_LEASE: Refusals = [
  ['no function', () => new HolderLease(any(5), { ttlMs: 1 }), ...noFunction('renew', 'number')],
  [
    'no options',
    () => new HolderLease(async () => undefined, any(undefined)),
    ...noObject('options', 'undefined'),
  ],
  ['no time', () => leaseOf({ ttlMs: 0 }), ...notPositive('ttlMs', 0)],
  ['a margin below 0', () => leaseOf({ marginMs: -1 }), ...negative('marginMs', -1)],
  ['no time to prolong', () => leaseOf({ renewEveryMs: 0 }), ...notPositive('renewEveryMs', 0)],
  [
    'more margin than time',
    () => leaseOf({ marginMs: 2000 }),
    RangeError,
    'Cannot use ttlMs: got 3000, expected more than marginMs and renewEveryMs together',
  ],
  ['release that is none', () => leaseOf({ release: 1 }), ...noFunction('release', 'number')],
  ['uptimeMs that is none', () => leaseOf({ uptimeMs: 1 }), ...noFunction('uptimeMs', 'number')],
  ['a clock that is none', () => leaseOf({ clock: 1 }), ...noObject('clock', 'number')],
]

const THAT_REJECT: Refusals = [
  ['cleanupLost(null)', () => monitor.cleanupLost(any(null)), ...noObject('options', 'null')],
  [
    'cleanupLost() with a dump that is none',
    () => monitor.cleanupLost(any({ dump: 5 })),
    ...noFunction('dump', 'number'),
  ],
  [
    'keepSnapshots() of no monitor',
    () => keepSnapshots(any(1), fileSnapshots('x')),
    ...noObject('monitor', 'number'),
  ],
  [
    'keepSnapshots() in no store',
    () => keepSnapshots(monitor, any(1)),
    ...noObject('store', 'number'),
  ],
  [
    'keepSnapshots() with options of null',
    () => keepSnapshots(monitor, fileSnapshots('x'), any(null)),
    ...noObject('options', 'null'),
  ],
  [
    'keepSnapshots() every 0 ms',
    () => keepSnapshots(monitor, fileSnapshots('x'), { everyMs: 0 }),
    ...notPositive('everyMs', 0),
  ],
  [
    'keepSnapshots() by no clock',
    () => keepSnapshots(monitor, fileSnapshots('x'), any({ clock: 1 })),
    ...noObject('clock', 'number'),
  ],
  [
    'receiveBeats() into no inbox',
    () => receiveBeats(any(1), { over: 'udp', port: 0 }),
    ...noObject('inbox', 'number'),
  ],
  [
    'receiveBeats() from nowhere',
    () => receiveBeats(inbox, any(1)),
    ...noObject('route', 'number'),
  ],
  [
    'receiveBeats() from an unknown way',
    () => receiveBeats(inbox, any({ over: 'smtp' })),
    TypeError,
    'Cannot use route: got {"over":"smtp"}, expected one that is known',
  ],
  [
    'receiveBeats() on a port that is none',
    () => receiveBeats(inbox, { over: 'http', port: -1 }),
    RangeError,
    'Cannot use route.port: got -1, expected an integer from 0 to 65535',
  ],
  ['hostReport(null)', () => hostReport(any(null)), ...noObject('options', 'null')],
  [
    'hostReport() since nothing',
    () => hostReport(any({ since: 1 })),
    ...noObject('since', 'number'),
  ],
  [
    'hostReport() of a disk that is no path',
    () => hostReport(any({ diskPath: 1 })),
    TypeError,
    'Cannot use diskPath: got number, expected a string',
  ],
  [
    'hostReport() with a histogram that is none',
    () => hostReport(any({ eventLoopDelay: 1 })),
    ...noObject('eventLoopDelay', 'number'),
  ],
]

const OF_STORES: Refusals = [
  [
    'fileSnapshots(5)',
    () => fileSnapshots(any(5)),
    TypeError,
    'Cannot use path: got number, expected a string',
  ],
  ['journalSnapshots(5)', () => journalSnapshots(any(5)), ...noObject('journal', 'number')],
]

describe.each([
  ['new HeartbeatMonitor()', OF_MONITOR],
  ['HeartbeatMonitor', OF_MONITOR_METHODS],
  ['detectors', OF_DETECTORS],
  ['new BeatInbox()', OF_INBOX],
  ['new HeartbeatSender()', OF_SENDER],
  ['new HolderLease()', OF_LEASE],
  ['stores of snapshots', OF_STORES],
])('%s', (_, refusals) => {
  it.each(refusals)('refuses %s', (_what, call, kind, message) => {
    expect(call).toThrow(expect.objectContaining({ name: kind.name, message }))
  })
})

describe('functions that return a promise', () => {
  it.each(THAT_REJECT)('reject %s', async (_what, call, kind, message) => {
    const reason = await failureOf(Promise.resolve(call()))

    expect(reason).toMatchObject({ name: kind.name, message })
    expect(reason).toBeInstanceOf(kind)
  })
})

describe('HeartbeatMonitor.receive()', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'a'],
    ['a list', [BEAT]],
    ['no key', { ...BEAT, key: undefined }],
    ['an empty key', { ...BEAT, key: '' }],
    ['a key that is no text', { ...BEAT, key: 5 }],
    ['an epoch of 0', { ...BEAT, epoch: 0 }],
    ['an epoch of NaN', { ...BEAT, epoch: NaN }],
    ['an epoch that leaves none to follow', { ...BEAT, epoch: 2 ** 52 + 1 }],
    ['an epoch that is text', { ...BEAT, epoch: '7' }],
    ['a number with a fraction', { ...BEAT, sequence: 1.5 }],
    ['a number below 1', { ...BEAT, sequence: 0 }],
    ['a period of 0', { ...BEAT, periodMs: 0 }],
    ['an endless period', { ...BEAT, periodMs: Infinity }],
    ['a lag below 0', { ...BEAT, blockedMs: -1 }],
    ['a lag that is NaN', { ...BEAT, blockedMs: NaN }],
  ])('counts %s as malformed, and changes nothing', (_, beat) => {
    const watching = monitorOf({})

    expect(watching.receive(any(beat))).toBe('malformed')

    expect(watching.stats()).toMatchObject({ devices: 0, malformed: 1 })
  })
})

it('leaves nothing behind of all that was refused', () => {
  expect(monitor.stats()).toMatchObject({ devices: 0, malformed: 0 })
  expect(clock.pending).toBe(0)
})
