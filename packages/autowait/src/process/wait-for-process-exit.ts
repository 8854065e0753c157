import { ChildProcess } from 'node:child_process'
import { type Condition, type Look, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { orCannotTell } from '../system-errors.ts'
import { processPace, type ProcessWaitOptions } from './process-options.ts'
import {
  type ProcessInfo,
  type ProcessProperties,
  type ProcessQuery,
  propertiesOf,
  titleOf,
} from './process-query.ts'
import { processTable } from './process-table.ts'
import { processesMeant } from './wait-for-process.ts'

/**
 * Waits until a process has ended. One that has, and only waits for its parent (a zombie), has ended.
 *
 * A pid means the process that has it at the first look: another that gets the same pid later is not
 * taken for it. Other properties mean whatever has them, so a process that is started anew counts, but
 * neither this process nor its ancestors do. Nothing to end is an end; that the system does not tell,
 * for want of descriptors, is none. A process whose main thread has ended runs while another does. Of a {@link ChildProcess} the `exit` event tells, at once; of others
 * nobody does, so they are looked at.
 *
 * Cancellation: aborting ends the wait at once; it does nothing to the process.
 *
 * Cost: looks at one process if the query has a pid, and at all if not. One timer at a time, or two
 * with a `timeout`; they keep the process alive.
 *
 * @param query - The process: its pid, properties of which all have to be true, what
 *   {@link waitForProcess} found, or a child of our own.
 * @param options - How often to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type, or the query says nothing.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 * @throws BrokenError If the system does not tell: paths and command lines on Windows.
 *
 * @example Wait for a child
 * ```ts
 * import { spawn } from 'node:child_process'
 * import { waitForProcessExit } from '@cupola/autowait'
 *
 * const child = spawn(process.execPath, ['-e', 'process.exitCode = 3'])
 * await waitForProcessExit(child, { timeout: 10_000 })
 * child.exitCode // => 3
 * ```
 */
export async function waitForProcessExit(
  query: ProcessQuery | ChildProcess,
  options: ProcessWaitOptions = {},
): Promise<void> {
  await keepLooking(processExit(query, options), options)
}

/** The condition of {@link waitForProcessExit}. */
export function processExit(
  query: ProcessQuery | ChildProcess,
  options: ProcessWaitOptions,
): Condition<void> {
  const pace = processPace(options)
  if (query instanceof ChildProcess) return { ...pace, ...childExit(query) }
  const properties = propertiesOf(query)
  return { ...pace, ...strangerExit(properties) }
}

type ExitCondition = Pick<Condition<void>, 'action' | 'look' | 'watch' | 'close'>

function childExit(child: ChildProcess): ExitCondition {
  const { pid } = child
  let listener: (() => void) | undefined
  return {
    action: `wait for the exit of child ${pid ?? 'that could not be started'}`,
    look: () => {
      const hasEnded = pid === undefined || child.exitCode !== null || child.signalCode !== null
      return hasEnded ? met(undefined) : notMet('it runs')
    },
    watch: (changed) => {
      listener = () => changed('change')
      child.once('exit', listener)
      listener()
    },
    close: async () => {
      if (listener !== undefined) child.off('exit', listener)
    },
  }
}

function strangerExit(properties: ProcessProperties): ExitCondition {
  const table = processTable()
  table.requireAnswerable(properties)
  let meant = properties
  return {
    action: `wait for the exit of the process with ${titleOf(properties)}`,
    look: orCannotTell(async (): Promise<Look<void>> => {
      const found = await processesMeant(table, meant)
      const [first] = found
      if (first === undefined) return met(undefined)
      if (properties.pid !== undefined) meant = first
      return notMet(found.map(described).join(', '))
    }),
  }
}

function described({ pid, name }: ProcessInfo): string {
  return `process ${pid} (${name}) runs`
}
