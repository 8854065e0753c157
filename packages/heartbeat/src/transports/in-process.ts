import { type BeatInbox, isAccepted } from '../beat-inbox.ts'
import { ACCEPTED, requireAccepted, type Transport } from './transport.ts'

/** Hands messages to an inbox of the same thread. */
export function sendInProcess(inbox: Pick<BeatInbox, 'accept'>): Transport {
  return {
    async send(message) {
      const outcome = inbox.accept(message)
      requireAccepted(isAccepted(outcome) ? ACCEPTED : outcome)
    },
    close() {},
  }
}
