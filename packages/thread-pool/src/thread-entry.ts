// What runs in each thread of a pool: loads the worker module, then calls its functions as told.
// Nothing here or below imports a package, so that a thread starts quickly.
import { parentPort } from 'node:worker_threads'
import { CallRunner } from './call-runner.ts'
import type { Boot, CallBatch, END, Loaded } from './messages.ts'
import { packError } from './pack-error.ts'

type WorkerFunction = (...args: unknown[]) => unknown

parentPort?.once('message', (message: Boot) => void boot(message))

async function boot({ moduleUrl, port, claims }: Boot): Promise<void> {
  const functions = new Map<string, WorkerFunction>()
  try {
    for (const [name, fn] of functionsOf(await import(moduleUrl))) functions.set(name, fn)
  } catch (error) {
    port.postMessage({ error: packError(error) } satisfies Loaded)
    return
  }
  const runner = new CallRunner([...functions.values()], port, claims)
  // `process.exit()` in a call and an exception out of a timer end the thread, but not the answers
  // of the calls before.
  process.once('exit', () => runner.flush())
  port.on('message', (message: CallBatch | typeof END) => {
    if (typeof message === 'string') process.exit()
    else runner.take(message)
  })
  // Nobody knows which calls were in it. They have not begun, so another thread may have them.
  port.on('messageerror', (error) => {
    throw error
  })
  port.postMessage({ names: [...functions.keys()] } satisfies Loaded)
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
