import { lookup } from 'node:dns/promises'
import { type Look, type LookContext, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { codeOf, tryConnecting } from './connection.ts'
import { netPace, type PortWaitOptions, requireHost, requirePort } from './net-options.ts'

/** Where somebody accepted a connection. */
export interface PortMatch {
  /** The address, which is one of those that the host has. */
  readonly address: string
  readonly family: 4 | 6
  readonly port: number
}

/**
 * Waits until somebody accepts connections on a port: connects, and hangs up.
 *
 * All addresses of the host are tried at the same time, so that it does not matter whether a server
 * listens on `127.0.0.1` or on `::1` only. A connection that a socket of ours made to itself, as TCP
 * allows, does not count.
 *
 * Cancellation: however the wait ends, its sockets are closed when it settles.
 *
 * Cost: a connection to each address at each look, which a server may write into its log. The timers
 * keep the process alive.
 *
 * @param port - The port, from 1 to 65535.
 * @param options - Which host, how often to look, and what ends the wait.
 * @returns The address that accepted; the first of them if several did.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 *
 * @example Wait for a server
 * ```ts
 * import { createServer } from 'node:net'
 * import { waitForPort, waitForPortFree } from '@cupola/autowait'
 *
 * const port = 20_000 + (process.pid % 10_000)
 * const server = createServer()
 * setTimeout(() => server.listen(port, '127.0.0.1'), 20)
 *
 * const { address } = await waitForPort(port, { timeout: 10_000 })
 * address // => '127.0.0.1'
 * server.close()
 * await waitForPortFree(port, { timeout: 10_000 })
 * ```
 */
export async function waitForPort(port: number, options: PortWaitOptions = {}): Promise<PortMatch> {
  requirePort(port)
  const { attemptMs, ...pace } = netPace(options)
  const { clock } = options
  const host = requireHost(options.host) ?? 'localhost'
  const look = async ({ signal }: LookContext): Promise<Look<PortMatch>> => {
    const answers = await answersOf(host, port, { signal, attemptMs, clock })
    const first = answers.find(({ problem }) => problem === undefined)
    if (first !== undefined) return met({ address: first.address, family: first.family, port })
    return notMet(seenIn(answers), { cause: answers[0]?.problem })
  }
  const action = `wait for port ${port} of ${host}`
  return await keepLooking({ ...pace, action, look }, options)
}

/** What came of an attempt to connect to one address. */
export interface Answer {
  readonly address: string
  readonly family: 4 | 6
  /** Why there is no connection, if there is none. */
  readonly problem: Error | undefined
}

/** Both, though the hosts file of many machines has only one of them under that name. */
const LOOPBACKS = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/** Tries all addresses of a host at the same time. One without an address has no answers but that. */
export async function answersOf(
  host: string,
  port: number,
  limit: Parameters<typeof tryConnecting>[1],
): Promise<Answer[]> {
  try {
    const addresses =
      host === 'localhost'
        ? LOOPBACKS
        : await unlessAborted(lookup(host, { all: true }), limit.signal)
    // All of none have refused: whoever asks would take that for free.
    if (addresses.length === 0) throw new Error(`${host} has no address`)
    return await Promise.all(
      addresses.map(async ({ address, family }) => ({
        address,
        family: family === 6 ? (6 as const) : (4 as const),
        problem: await tryConnecting({ host: address, port }, limit),
      })),
    )
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return [{ address: host, family: 4, problem: error }]
  }
}

/** What the answers say, for messages. */
export function seenIn(answers: readonly Answer[]): string {
  return answers
    .map(
      ({ address, problem }) => `${address}: ${problem === undefined ? 'open' : codeOf(problem)}`,
    )
    .join(', ')
}
