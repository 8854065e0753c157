import { type Look, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { orCannotTell } from '../system-errors.ts'
import { processPace, type ProcessWaitOptions } from './process-options.ts'
import {
  infoOf,
  isMeant,
  type ProcessInfo,
  type ProcessProperties,
  type ProcessQuery,
  type ProcessRecord,
  propertiesOf,
  titleOf,
} from './process-query.ts'
import { type ProcessTable, processTable } from './process-table.ts'

/**
 * Waits until a process runs. One that has ended and waits for its parent (a zombie) does not run.
 *
 * On Linux, `/proc` says what runs, elsewhere `ps` or `tasklist`, without a shell. The process that
 * waits and its ancestors are not found, unless by their pids.
 *
 * Cancellation: aborting ends the wait at once.
 *
 * Cost: looks at one process if the query has a pid, and at all if not. One timer at a time, or two
 * with a `timeout`; they keep the process alive.
 *
 * @param query - The process: its pid, or properties of which all have to be true.
 * @param options - How often to look, and what ends the wait.
 * @returns What was found, at least one, by pid. Each is a query itself, for just that process.
 * @throws TypeError If an argument has the wrong type, or the query says nothing.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 * @throws BrokenError If the system does not tell: paths and command lines on Windows.
 *
 * @example Find a process by its command line
 * ```ts
 * import { spawn } from 'node:child_process'
 * import { waitForProcess, waitForProcessExit } from '@cupola/autowait'
 *
 * const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'a-name-of-mine'])
 * const [found] = await waitForProcess({ command: 'a-name-of-mine' }, { timeout: 10_000 })
 * found.pid === child.pid // => true
 *
 * child.kill()
 * await waitForProcessExit(found, { timeout: 10_000 })
 * ```
 */
export async function waitForProcess(
  query: ProcessQuery,
  options: ProcessWaitOptions = {},
): Promise<[ProcessInfo, ...ProcessInfo[]]> {
  const properties = propertiesOf(query)
  const pace = processPace(options)
  const table = processTable()
  table.requireAnswerable(properties)
  const look = orCannotTell(async (): Promise<Look<[ProcessInfo, ...ProcessInfo[]]>> => {
    const [first, ...others] = await processesMeant(table, properties)
    return first === undefined ? notMet('there is none') : met([first, ...others])
  })
  const action = `wait for a process with ${titleOf(properties)}`
  return await keepLooking({ ...pace, action, look }, options)
}

/** The processes that run and are meant, by pid. */
export async function processesMeant(
  table: ProcessTable,
  properties: ProcessProperties,
): Promise<ProcessInfo[]> {
  const { pid } = properties
  if (pid !== undefined) {
    const record = await table.find(pid)
    return record !== undefined && isMeant(properties, record) ? [infoOf(record)] : []
  }
  const records = await table.list()
  const own = ownLine(records)
  return records
    .filter((record) => !own.has(record.pid) && isMeant(properties, record))
    .map(infoOf)
    .sort((one, other) => one.pid - other.pid)
}

/**
 * The pids of this process and its ancestors. What they look for is in their own command lines: the
 * shell, npx or `timeout` that has started a program was given the same words.
 */
function ownLine(records: readonly ProcessRecord[]): ReadonlySet<number> {
  const parents = new Map(records.map(({ pid, parent }) => [pid, parent]))
  const line = new Set<number>()
  for (let pid: number | undefined = process.pid; pid !== undefined && !line.has(pid);) {
    line.add(pid)
    pid = parents.get(pid)
  }
  return line
}
