import { resolve } from 'node:path'
import { type Look, type LookContext, met, notMet } from '../condition.ts'
import { FileCondition, type WatchOptions } from '../file/file-condition.ts'
import { pathSearch } from '../file/file-search.ts'
import { requirePath } from '../file/paths.ts'
import { keepLooking } from '../keep-looking.ts'
import { codeOf, tryConnecting } from './connection.ts'
import { netPace, type NetWaitOptions } from './net-options.ts'

/** How {@link waitForSocket} waits. */
export type WaitForSocketOptions = Omit<NetWaitOptions, 'firstIntervalMs'> & WatchOptions

/** Windows has its named pipes here; there is nothing to watch. */
const PIPES = '\\\\.\\pipe\\'

/**
 * Waits until somebody accepts connections on a Unix domain socket, or on a named pipe of Windows:
 * connects, and hangs up. A socket that is there while nobody listens is not enough.
 *
 * Cancellation: however the wait ends, its sockets and watchers are closed when it settles.
 *
 * Cost: one watch for each folder on the way, and a connection at each look. The process is kept alive.
 *
 * @param path - The socket. It and its folders may be missing.
 * @param options - How to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 *
 * @example Wait for a daemon
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { createServer } from 'node:net'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { waitForSocket } from '@cupola/autowait'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'daemon-')), 'control.sock')
 * const server = createServer()
 * setTimeout(() => server.listen(path), 20)
 *
 * await waitForSocket(path, { timeout: 10_000 })
 * server.close()
 * ```
 */
export async function waitForSocket(
  path: string | URL,
  options: WaitForSocketOptions = {},
): Promise<void> {
  const name = requirePath('path', path)
  const { attemptMs } = netPace(options)
  const isPipe = name.startsWith(PIPES)
  const socket = isPipe ? name : resolve(name)
  const look = async ({ signal }: LookContext): Promise<Look<void>> => {
    const limit = { signal, attemptMs, clock: options.clock }
    const cause = await tryConnecting({ path: socket }, limit)
    return cause === undefined ? met(undefined) : notMet(codeOf(cause), { cause })
  }
  const action = `wait for the socket "${socket}"`
  const watch = isPipe ? { ...options, mode: 'poll' as const } : options
  await keepLooking(new FileCondition({ action, look }, pathSearch(socket).scope, watch), options)
}
