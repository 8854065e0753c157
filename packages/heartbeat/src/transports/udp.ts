import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { BeatInbox } from '../beat-inbox.ts'
import type { BeatReceiver, Transport } from './transport.ts'

/** Where a socket is. */
export interface SocketAddress {
  /**
   * A name or an address.
   *
   * @defaultValue '127.0.0.1'
   */
  readonly host?: string | undefined
  readonly port: number
}

/** One datagram for each message. Nobody answers: a failure is only what this machine notices. */
export function sendOverUdp({ host = '127.0.0.1', port }: SocketAddress): Transport {
  const socket = createSocket(familyOf(host)).unref()
  // Told to whoever sends.
  socket.on('error', () => {})
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        socket.send(message, port, host, (error) => {
          if (error === null) resolve()
          else reject(error)
        })
      }),
    close: () => closeSocket(socket),
  }
}

/**
 * Takes datagrams. It keeps the process alive.
 *
 * @throws What the system says if it cannot listen there.
 */
export async function receiveOverUdp<Meta>(
  { host = '127.0.0.1', port }: SocketAddress,
  inbox: BeatInbox<Meta>,
): Promise<BeatReceiver> {
  const socket = createSocket(familyOf(host))
  socket.on('message', (datagram) => inbox.accept(datagram))
  try {
    socket.bind(port, host)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  // Such an error concerns one datagram.
  socket.on('error', () => inbox.refuse('malformed'))
  const { address, port: boundPort } = socket.address()
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeSocket(socket))
  return { address: { host: address, port: boundPort }, close, [Symbol.asyncDispose]: close }
}

function familyOf(host: string): 'udp4' | 'udp6' {
  return host.includes(':') ? 'udp6' : 'udp4'
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(resolve))
}
