import {
  BeatInbox,
  deadline,
  type Detector,
  type Device,
  HeartbeatMonitor,
  HeartbeatSender,
  HolderLease,
  missedBeats,
  phiAccrual,
  type Session,
  type Verdict,
} from '@cupola/heartbeat'

const monitor = new HeartbeatMonitor<{ load: number }>({ lostAfterMs: 1000 })

monitor.activate('a', { load: 1 }) satisfies Session<{ load: number }>
monitor.refresh('a') satisfies 'ok' | 'recovered' | 'stale' | 'unknown'
monitor.takeLost() satisfies Device<{ load: number }>[]
monitor.verdicts() satisfies AsyncIterable<Verdict<{ load: number }>>
monitor.on('recovered', ({ from }) => from satisfies 'busy' | 'lost' | 'suspect')
;[deadline(), missedBeats(3), phiAccrual({ form: 'exponential' })] satisfies Detector[]

const inbox = new BeatInbox(monitor, { parseMeta: () => ({ load: 1 }) })
const sender = { key: 'a', lostAfterMs: 1000 }
new HeartbeatSender({ ...sender, route: { over: 'inbox', inbox } }) satisfies AsyncDisposable

const lease = new HolderLease(async () => ({ token: 5n }), { ttlMs: 1000 })
lease.token satisfies bigint | undefined

// @ts-expect-error -- a limit is needed
void new HeartbeatMonitor()
// @ts-expect-error -- what is remembered has a type
monitor.activate('a', { load: 'high' })
// @ts-expect-error -- no such event
monitor.on('dead', () => {})
// @ts-expect-error -- no such way
void new HeartbeatSender({ ...sender, route: { over: 'smtp', port: 25 } })
// @ts-expect-error -- a way has an address
void new HeartbeatSender({ ...sender, route: { over: 'udp' } })
// @ts-expect-error -- no such form
phiAccrual({ form: 'bell' })
// @ts-expect-error -- the inbox checks what senders say
void new BeatInbox(monitor, { parseMeta: () => 'text' })
