import type { ChildProcess } from 'node:child_process'
import { requireArray } from '@cupola/core/authoring'
import type { Condition, Look, LookContext } from './condition.ts'
import { met, notMet } from './condition.ts'
import { keepLooking } from './keep-looking.ts'
import { portFree } from './net/wait-for-port-free.ts'
import type { ProcessWaitOptions } from './process/process-options.ts'
import type { ProcessQuery } from './process/process-query.ts'
import { processExit } from './process/wait-for-process-exit.ts'

/**
 * Waits until a process has ended and nobody listens on its ports: until another can take its place.
 * One deadline for all of it, and at the end all of it is true at once.
 *
 * It kills nothing: send the signal before. What counts as ended says {@link waitForProcessExit}, what
 * as free {@link waitForPortFree}.
 *
 * Cancellation: aborting ends the wait at once; it does nothing to the process. However the wait ends,
 * its sockets are closed when it settles.
 *
 * Cost: at each look that of {@link waitForProcessExit} and, for each port, of
 * {@link waitForPortFree}. The timers keep the process alive.
 *
 * @param query - The process.
 * @param ports - The ports of this machine; none is a mere {@link waitForProcessExit}.
 * @param options - How often to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first; it says what is still there.
 * @throws BrokenError If the system does not tell: paths and command lines on Windows.
 *
 * @example Make room for the next
 * ```ts
 * import { spawn } from 'node:child_process'
 * import { waitForPort, waitForProcessKilled } from '@cupola/autowait'
 *
 * const port = 20_000 + (process.pid % 10_000)
 * const code = `require('node:net').createServer().listen(${port}, '127.0.0.1')`
 * const server = spawn(process.execPath, ['-e', code])
 * await waitForPort(port, { timeout: 10_000 })
 *
 * server.kill()
 * await waitForProcessKilled(server, [port], { timeout: 10_000 })
 * ```
 */
export async function waitForProcessKilled(
  query: ProcessQuery | ChildProcess,
  ports: readonly number[],
  options: ProcessWaitOptions = {},
): Promise<void> {
  requireArray('ports', ports)
  const exit = processExit(query, options)
  const conditions = [exit, ...ports.map((port) => portFree(port, options))]
  await keepLooking({ ...allOf(conditions), ...pausesOf(exit) }, options)
}

type Pauses = Pick<Condition<void>, 'firstIntervalMs' | 'intervalMs'>

function pausesOf({ firstIntervalMs, intervalMs }: Pauses): Pauses {
  return { firstIntervalMs, intervalMs }
}

/** The condition that several are met at the same look. */
function allOf(conditions: readonly Condition<void>[]): Omit<Condition<void>, keyof Pauses> {
  return {
    action: conditions.map(({ action }) => action).join(' and '),
    look: async (context: LookContext): Promise<Look<void>> => {
      const looks = await Promise.all(
        conditions.map(async (condition) => ({ condition, look: await condition.look(context) })),
      )
      const unmet = looks.flatMap(({ condition, look }) =>
        look.met ? [] : [`could not ${condition.action}, ${look.seen}`],
      )
      return unmet.length === 0 ? met(undefined) : notMet(unmet.join('; '))
    },
    watch: (changed) => {
      for (const condition of conditions) condition.watch?.(changed)
    },
    close: async () => {
      await Promise.all(conditions.map(async (condition) => await condition.close?.()))
    },
  }
}
