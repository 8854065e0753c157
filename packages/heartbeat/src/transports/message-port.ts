import type { MessagePort } from 'node:worker_threads'
import type { BeatInbox } from '../beat-inbox.ts'
import type { BeatReceiver, Transport } from './transport.ts'

/** Posts messages to a port, which is the transport's own and is closed with it. Nobody answers. */
export function sendOverPort(port: MessagePort): Transport {
  port.unref()
  return {
    send(message) {
      port.postMessage(message)
      return Promise.resolve()
    },
    close: () => port.close(),
  }
}

/** Takes messages from a port, which is the receiver's own, and keeps the process alive. */
export function receiveFromPort<Meta>(port: MessagePort, inbox: BeatInbox<Meta>): BeatReceiver {
  const closed = new Promise<void>((resolve) => port.once('close', resolve))
  port.on('message', (message: unknown) => inbox.accept(message))
  port.on('messageerror', () => inbox.refuse('malformed'))
  const close = (): Promise<void> => {
    port.close()
    return closed
  }
  return { address: undefined, close, [Symbol.asyncDispose]: close }
}
