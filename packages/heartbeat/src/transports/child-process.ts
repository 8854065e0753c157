import type { ChildProcess } from 'node:child_process'
import { BrokenError } from '@cupola/core'
import type { BeatInbox } from '../beat-inbox.ts'
import type { BeatReceiver, Transport } from './transport.ts'

/** Tells messages of ours from the others that go the same way. */
const NAME = 'cupola:heartbeat'

/**
 * Sends messages to the process that forked this one. Nobody answers.
 *
 * @throws BrokenError If this process was not forked with a channel.
 */
export function sendToParent(): Transport {
  const send = process.send?.bind(process)
  if (send === undefined) {
    throw new BrokenError('send heartbeats to the parent', 'this process has no channel to one')
  }
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        send({ [NAME]: message }, undefined, undefined, (error) => {
          if (error === null) resolve()
          else reject(error)
        })
      }),
    close() {},
  }
}

/** Takes messages from a process that this one forked. Other messages are left to others. */
export function receiveFromChild<Meta>(child: ChildProcess, inbox: BeatInbox<Meta>): BeatReceiver {
  const listener = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !(NAME in message)) return
    inbox.accept(message[NAME])
  }
  child.on('message', listener)
  const close = (): Promise<void> => {
    child.off('message', listener)
    return Promise.resolve()
  }
  return { address: undefined, close, [Symbol.asyncDispose]: close }
}
