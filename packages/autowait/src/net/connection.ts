import { type NetConnectOpts, type Socket, connect } from 'node:net'
import { type Clock, systemClock } from '@cupola/core'

/** What limits one attempt to reach somebody. */
export interface AttemptLimit {
  /** Ends the attempt when it aborts. */
  readonly signal: AbortSignal
  /** Ends the attempt when so many milliseconds have passed. */
  readonly attemptMs: number
  readonly clock?: Clock | undefined
}

/**
 * Connects and hangs up.
 *
 * @returns `undefined` if somebody accepted; else why not. It resolves when the socket is closed.
 */
export async function tryConnecting(
  target: NetConnectOpts,
  { signal, attemptMs, clock = systemClock }: AttemptLimit,
): Promise<Error | undefined> {
  const socket = connect(target)
  const giveUp = (): void => void socket.destroy(new Error('the attempt was given up'))
  const timer = clock.setTimer(
    () => socket.destroy(new Error(`no answer within ${attemptMs} ms`)),
    attemptMs,
  )
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await new Promise((resolve) => {
      let problem: Error | undefined
      socket.once('error', (error) => (problem = error))
      socket.once('connect', () => {
        if (isConnectedToItself(socket)) problem = new Error('nobody but ourselves')
        socket.destroy()
      })
      socket.once('close', () => resolve(problem))
    })
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', giveUp)
  }
}

/**
 * A connection to a free port of this machine gets a port of its own from the same range, and once in
 * a while it is the very same: TCP then connects the socket to itself.
 */
function isConnectedToItself(socket: Socket): boolean {
  return (
    socket.localPort !== undefined &&
    socket.localPort === socket.remotePort &&
    socket.localAddress === socket.remoteAddress
  )
}

/** The code of a system error, or its message. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
