import type { ChildProcess } from 'node:child_process'
import type { MessagePort } from 'node:worker_threads'
import type { BeatInbox } from '../beat-inbox.ts'
import { receiveFromChild, sendToParent } from './child-process.ts'
import { receiveOverHttp, sendOverHttp } from './http.ts'
import { sendInProcess } from './in-process.ts'
import { receiveFromPort, sendOverPort } from './message-port.ts'
import { receiveOverTcp, sendOverTcp } from './tcp.ts'
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
 * Opens the way.
 *
 * @throws BrokenError If there is no such way from here.
 * @throws TypeError If there is no such way at all.
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
 * @throws TypeError If there is no such way.
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
  switch (route.over) {
    case 'child':
      return receiveFromChild(route.child, inbox)
    case 'http':
      return await receiveOverHttp(route, inbox)
    case 'port':
      return receiveFromPort(route.port, inbox)
    case 'tcp':
      return await receiveOverTcp(route, inbox)
    case 'udp':
      return await receiveOverUdp(route, inbox)
    default:
      return noSuchRoute(route)
  }
}

/** For those who call without a compiler. */
function noSuchRoute(route: never): never {
  throw new TypeError(`Cannot use route: got ${JSON.stringify(route)}, expected one that is known`)
}
