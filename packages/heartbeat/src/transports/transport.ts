import { BrokenError } from '@cupola/core'

/** Brings messages from a sender to an inbox. */
export interface Transport {
  /**
   * Brings one message.
   *
   * @param options - `signal` aborts when it has taken too long; nobody waits for it any more then.
   * @returns Resolves when the inbox has accepted it, or, where nobody answers, when it has left.
   * @throws Why it did not arrive, or was refused.
   */
  send(message: string, options: { readonly signal: AbortSignal }): Promise<void>
  /** Lets go of everything. */
  close(): Promise<void> | void
}

/** Brings beats of others into an inbox until it is closed. */
export interface BeatReceiver extends AsyncDisposable {
  /** Where it listens; `undefined` if it has no address. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Listens no more, and ends connections. */
  close(): Promise<void>
}

/** What an inbox that can answer says of a message that it took; anything else is why it did not. */
export const ACCEPTED = 'ok'

/** @throws BrokenError If the answer is that it was refused. */
export function requireAccepted(answer: string): void {
  if (answer === ACCEPTED) return
  throw new BrokenError('send a heartbeat', `it was refused as ${answer.slice(0, 40)}`)
}
