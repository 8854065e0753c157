import type { ChildProcess } from 'node:child_process'
import type { MessagePort } from 'node:worker_threads'
import {
  requireFunction,
  requireInteger,
  requireObject,
  requireString,
} from '@cupola/core/authoring'
import type { BeatInbox } from '../beat-inbox.ts'
import { receiveFromChild, sendToParent } from './child-process.ts'
import { receiveOverHttp } from './http-receiver.ts'
import { sendOverHttp } from './http-sender.ts'
import { sendInProcess } from './in-process.ts'
import { receiveFromPort, sendOverPort } from './message-port.ts'
import { receiveOverTcp } from './tcp-receiver.ts'
import { sendOverTcp } from './tcp-sender.ts'
import type { BeatReceiver, Transport } from './transport.ts'
import { receiveOverUdp, sendOverUdp, type SocketAddress } from './udp.ts'

/** The ways that a thread of its own can send on, for they can be told to another thread. */
export type PortableRoute =
  | ({ readonly over: 'tcp' | 'udp' } & SocketAddress)
  | {
      readonly over: 'http'
      readonly url: string
      /** @defaultValue none but the content's type */
      readonly headers?: Readonly<Record<string, string>> | undefined
    }
  | { readonly over: 'port'; readonly port: MessagePort }

/**
 * Which way messages go. `tcp`, `http` and `inbox` answer: the sender hears that a beat was accepted, or
 * refused. `udp`, `port` and `parent` do not: it only knows that the beat has left. A {@link Transport}
 * is a way of your own.
 */
export type SenderRoute =
  | PortableRoute
  | Transport
  | { readonly over: 'inbox'; readonly inbox: Pick<BeatInbox, 'accept'> }
  | { readonly over: 'parent' }

/** Where messages come from. */
export type ReceiverRoute =
  | ({ readonly over: 'http' | 'tcp' | 'udp' } & SocketAddress)
  | { readonly over: 'child'; readonly child: ChildProcess }
  | { readonly over: 'port'; readonly port: MessagePort }

/**
 * Checks a way, whether this thread goes it or another.
 *
 * @throws TypeError If it is of no kind that there is, or its address is none.
 * @throws RangeError If its port is none.
 */
export function requireSenderRoute(route: SenderRoute): void {
  requireObject('route', route)
  if (!('over' in route)) {
    requireFunction('route.send', Reflect.get(route, 'send'))
    requireFunction('route.close', Reflect.get(route, 'close'))
    return
  }
  switch (route.over) {
    case 'http':
      return requireUrl(route.url)
    case 'tcp':
    case 'udp':
      return requireAddress(route, 1)
    case 'inbox':
      return requireObject('route.inbox', route.inbox)
    case 'port':
      return requireObject('route.port', route.port)
    case 'parent':
      return
    default:
      return noSuchRoute(route)
  }
}

/**
 * Opens the way.
 *
 * @throws BrokenError If there is no such way from here.
 */
export function openTransport(route: SenderRoute): Transport {
  if (!('over' in route)) return route
  switch (route.over) {
    case 'http':
      return sendOverHttp(route.url, route.headers)
    case 'inbox':
      return sendInProcess(route.inbox)
    case 'parent':
      return sendToParent()
    case 'port':
      return sendOverPort(route.port)
    case 'tcp':
      return sendOverTcp(route)
    case 'udp':
      return sendOverUdp(route)
    default:
      return noSuchRoute(route)
  }
}

/** Whether another thread can go that way. */
export function isPortable(route: SenderRoute): route is PortableRoute {
  return 'over' in route && ['http', 'port', 'tcp', 'udp'].includes(route.over)
}

/**
 * Brings the beats that come one way into an inbox. `tcp`, `udp` and `http` listen, on the loopback
 * unless `host` says otherwise: whoever lets others in should have the inbox ask for a `secret`.
 *
 * What it opens keeps the process alive until it is closed.
 *
 * @param inbox - Checks them and hands them to its monitor.
 * @param route - Where they come from; port 0 is any that is free.
 * @throws What the system says if it cannot listen there.
 * @throws TypeError If there is no such way, or an argument has the wrong type.
 * @throws RangeError If there is no such port.
 *
 * @example Listen on a port, send to it
 * ```ts
 * import { BeatInbox, HeartbeatMonitor, HeartbeatSender, receiveBeats } from '@cupola/heartbeat'
 *
 * const monitor = new HeartbeatMonitor({ lostAfterMs: 10_000 })
 * const receiver = await receiveBeats(new BeatInbox(monitor), { over: 'tcp', port: 0 })
 * const sender = new HeartbeatSender({
 *   key: 'printer',
 *   lostAfterMs: 10_000,
 *   route: { over: 'tcp', port: receiver.address?.port ?? 0 },
 * })
 *
 * await new Promise((resolve) => monitor.on('activated', resolve))
 * monitor.isRegistered('printer') // => true
 * await sender.close()
 * await receiver.close()
 * await monitor.close()
 * ```
 */
export async function receiveBeats<Meta>(
  inbox: BeatInbox<Meta>,
  route: ReceiverRoute,
): Promise<BeatReceiver> {
  requireObject('inbox', inbox)
  requireObject('route', route)
  if (route.over === 'tcp' || route.over === 'udp' || route.over === 'http') {
    requireAddress(route, 0)
  }
  switch (route.over) {
    case 'child':
      requireObject('route.child', route.child)
      return receiveFromChild(route.child, inbox)
    case 'http':
      return await receiveOverHttp(route, inbox)
    case 'port':
      requireObject('route.port', route.port)
      return receiveFromPort(route.port, inbox)
    case 'tcp':
      return await receiveOverTcp(route, inbox)
    case 'udp':
      return await receiveOverUdp(route, inbox)
    default:
      return noSuchRoute(route)
  }
}

/** @throws RangeError If it is no port; 0 is one for who listens, and none for who sends. */
function requireAddress({ host, port }: SocketAddress, leastPort: 0 | 1): void {
  if (host !== undefined) requireString('route.host', host)
  requireInteger('route.port', port, leastPort, 65_535)
}

/** @throws TypeError If it is no URL, or of something else. */
function requireUrl(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new TypeError(`Cannot use route.url: got ${String(url)}, expected a URL of http or https`)
}

/** For those who call without a compiler. */
function noSuchRoute(route: never): never {
  throw new TypeError(`Cannot use route: got ${JSON.stringify(route)}, expected one that is known`)
}
