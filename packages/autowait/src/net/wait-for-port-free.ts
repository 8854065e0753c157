import { type Condition, type Look, type LookContext, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { orCannotTell } from '../system-errors.ts'
import { codeOf } from './connection.ts'
import { hasListener } from './listeners.ts'
import { netPace, type PortWaitOptions, requireHost, requirePort } from './net-options.ts'
import { type Answer, answersOf, seenIn } from './wait-for-port.ts'

/** What a system says of an address where nobody listens. */
const NOBODY = ['ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

/**
 * Waits until nobody listens on a port.
 *
 * Without a `host`, Linux is asked whether anybody listens at any address of this machine, be it the
 * loopback, IPv6 only, or one of the network. With one, and on other systems (where it is `localhost`
 * by default), every address of the host has to refuse a connection. One that does not answer at all
 * is not free, nor is any if the system does not tell.
 *
 * Connections that a server has left behind do not count: a new server can listen all the same, as
 * Node.js does.
 *
 * Cancellation: however the wait ends, its sockets are closed when it settles.
 *
 * Cost: reads two small tables at each look, or makes a connection to each address. The timers keep
 * the process alive.
 *
 * @param port - The port, from 1 to 65535.
 * @param options - Which host, how often to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 *
 * @example Wait for a port before listening on it
 * ```ts
 * import { createServer } from 'node:net'
 * import { waitForPortFree } from '@cupola/autowait'
 *
 * const port = 20_000 + (process.pid % 10_000)
 * await waitForPortFree(port, { timeout: 10_000 })
 * const server = createServer().listen(port)
 * server.close()
 * ```
 */
export async function waitForPortFree(port: number, options: PortWaitOptions = {}): Promise<void> {
  await keepLooking(portFree(port, options), options)
}

/** The condition of {@link waitForPortFree}. */
export function portFree(port: number, options: PortWaitOptions): Condition<void> {
  requirePort(port)
  const { attemptMs, ...pace } = netPace(options)
  const { clock } = options
  const host = requireHost(options.host)
  const isLocal = host === undefined && process.platform === 'linux'
  const look = orCannotTell(async ({ signal }: LookContext): Promise<Look<void>> => {
    if (isLocal) return (await hasListener(port)) ? notMet('somebody listens') : met(undefined)
    const answers = await answersOf(host ?? 'localhost', port, { signal, attemptMs, clock })
    return answers.every(isNobody) ? met(undefined) : notMet(seenIn(answers))
  })
  const place = host === undefined ? '' : ` of ${host}`
  return { ...pace, action: `wait for port ${port}${place} to be free`, look }
}

function isNobody({ problem }: Answer): boolean {
  return problem !== undefined && NOBODY.includes(codeOf(problem))
}
