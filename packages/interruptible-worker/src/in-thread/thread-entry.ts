// What runs in each thread: loads the worker module, then calls its functions as told. Nothing here
// or below imports a package, so that a thread starts quickly.
import { executionAsyncResource } from 'node:async_hooks'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { inspect } from 'node:util'
import { isGeneratorFunction } from 'node:util/types'
import { Claims } from '../claims.ts'
import { InterruptGuard } from '../interrupt-guard.ts'
import { isLifeFunction } from '../life-functions.ts'
import {
  type Boot,
  type CallBatch,
  END,
  type Loaded,
  type LoadedNames,
  MEASURE,
  type Measured,
  type Order,
  RESUME,
} from '../messages.ts'
import { packError } from '../pack-error.ts'
import { functionsOf, type WorkerFunction } from '../worker-functions.ts'
import { watchAsyncScopes } from './async-scopes.ts'
import { CallRunner } from './call-runner.ts'
import { die } from './die.ts'
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
  let inInit = false
  try {
    const functions = functionsOf(await import(moduleUrl))
    inInit = true
    await functions.get('init')?.(workerData)
    for (const [name, fn] of functions) if (!isLifeFunction(name)) runner.add(name, fn)
    // `process.exit()` in a call and an exception out of a timer end the thread, but not the answers
    // of the calls before.
    process.once('exit', () => outbox.flush())
    listen(port, runner, functions.get('dispose'))
    port.postMessage(namesOf(runner.names, functions) satisfies Loaded)
  } catch (error) {
    port.postMessage({ error: packError(error), inInit } satisfies Loaded)
  }
}

function listen(port: MessagePort, runner: CallRunner, dispose: WorkerFunction | undefined): void {
  const forget = contextCleaner()
  // A plain function that calls what it is to call at once: see `CallRunner`.
  const obey = (order: Order): void => {
    forget()
    if (typeof order === 'object') {
      if (isCallBatch(order)) runner.take(order)
      else if ('creditOf' in order) runner.credit(order)
      else runner.interrupt(order)
    } else if (order === RESUME) void runner.resume()
    else if (order === MEASURE) void measure(port)
    else if (order === END) void end(dispose)
  }
  port.on('message', (order: Order) => {
    try {
      obey(order)
    } catch (error) {
      die(error)
    }
  })
  // Nobody knows which calls were in it. They have not begun, so another thread may have them.
  port.on('messageerror', die)
}

/** Few pools ask: what it takes is not loaded before. */
async function measure(port: MessagePort): Promise<void> {
  const { getHeapStatistics } = await import('node:v8')
  port.postMessage({ heapBytes: getHeapStatistics().used_heap_size } satisfies Measured)
}

/** Nobody waits for the thread any more who could be told that this failed: hence a warning. */
async function end(dispose: WorkerFunction | undefined): Promise<void> {
  try {
    await dispose?.()
  } catch (error) {
    process.emitWarning(`dispose() of a worker module failed: ${inspect(error)}`)
    // The warning is printed in a later turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  process.exit()
}

function namesOf(
  names: readonly string[],
  functions: ReadonlyMap<string, WorkerFunction>,
): LoadedNames {
  const generators = names.filter((name) => isGeneratorFunction(functions.get(name)))
  return generators.length === 0 ? { names } : { names, generators }
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

function isCallBatch(order: Order): order is CallBatch {
  return Array.isArray(order)
}
