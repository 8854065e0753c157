// What runs in each thread: loads the worker module, then calls its functions as told. Nothing here
// or below imports a package, so that a thread starts quickly.
import { executionAsyncResource } from 'node:async_hooks'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { Claims } from '../claims.ts'
import { InterruptGuard } from '../interrupt-guard.ts'
import {
  type Boot,
  END,
  type Loaded,
  MEASURE,
  type Measured,
  type Order,
  RESUME,
} from '../messages.ts'
import { packError } from '../pack-error.ts'
import { watchAsyncScopes } from './async-scopes.ts'
import { CallRunner, type WorkerFunction } from './call-runner.ts'
import { publishLineage } from './lineage.ts'
import { Outbox } from './outbox.ts'
import { publishHost } from './task-host.ts'

parentPort?.once('message', (message: Boot) => void boot(message))

async function boot({ moduleUrl, port, lineage, timed, ...shared }: Boot): Promise<void> {
  const claims = new Claims(shared.claims)
  const guard = new InterruptGuard(shared.guard)
  const outbox = new Outbox(port)
  const runner = new CallRunner(outbox, claims, guard, timed)
  publishLineage(lineage)
  publishHost(runner)
  watchAsyncScopes(runner)
  try {
    for (const [name, fn] of functionsOf(await import(moduleUrl))) runner.add(name, fn)
  } catch (error) {
    port.postMessage({ error: packError(error) } satisfies Loaded)
    return
  }
  // `process.exit()` in a call and an exception out of a timer end the thread, but not the answers
  // of the calls before.
  process.once('exit', () => outbox.flush())
  listen(port, runner)
  port.postMessage({ names: runner.names } satisfies Loaded)
}

function listen(port: MessagePort, runner: CallRunner): void {
  const forget = contextCleaner()
  // A plain function that calls what it is to call at once: see `CallRunner`.
  port.on('message', (order: Order) => {
    forget()
    if (typeof order === 'object') {
      if ('codes' in order) runner.take(order)
      else runner.interrupt(order)
    } else if (order === RESUME) void runner.resume()
    else if (order === MEASURE) void measure(port)
    else if (order === END) process.exit()
  })
  // Nobody knows which calls were in it. They have not begun, so another thread may have them.
  port.on('messageerror', (error) => {
    throw error
  })
}

/** Few pools ask: what it takes is not loaded before. */
async function measure(port: MessagePort): Promise<void> {
  const { getHeapStatistics } = await import('node:v8')
  port.postMessage({ heapBytes: getHeapStatistics().used_heap_size } satisfies Measured)
}

/**
 * Where Node has no better place (before 24) it keeps the stores of `AsyncLocalStorage` on the
 * resource of whatever runs: here the port, for ever. A store that a call entered, or was inside of
 * when its execution was terminated, must not be seen by the next.
 */
function contextCleaner(): () => void {
  let own: ReadonlySet<symbol> | undefined
  return () => {
    const resource = executionAsyncResource()
    const symbols = Object.getOwnPropertySymbols(resource)
    own ??= new Set(symbols)
    if (symbols.length === own.size) return
    for (const symbol of symbols) if (!own.has(symbol)) Reflect.deleteProperty(resource, symbol)
  }
}

/** Named exports; those of a CommonJS module may be known by its `default` only. */
function functionsOf(module: Record<string, unknown>): [string, WorkerFunction][] {
  const exports = Object.entries({ ...asRecord(module['default']), ...module })
  return exports.filter(
    (entry): entry is [string, WorkerFunction] => typeof entry[1] === 'function',
  )
}

function asRecord(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
