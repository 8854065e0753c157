// Three ways in which a call does not return, and a pool that goes on after each.
import { TimeoutError } from '@cupola/core'
import { ThreadPool } from '@cupola/thread-pool'
import type * as Troubles from './troubles.ts'

const pool = new ThreadPool<typeof Troubles>(new URL('./troubles.ts', import.meta.url), {
  maxThreads: 1,
})

// An endless loop ends when its time is over, and its thread goes on with the next call.
const endless = pool.run('loopForEver', [], { timeout: 50 })
const behind = pool.run('double', [21])
try {
  await endless
} catch (error) {
  console.log(error instanceof TimeoutError ? `timed out after ${error.timeout} ms` : error)
}
console.log(`behind it: ${await behind}`)

// A thread that dies takes its own call with it and no other.
await pool.run('exit', []).catch((error: unknown) => console.log(String(error)))

// An error keeps what it is.
await pool.run('readMissing', []).catch((error: unknown) => {
  if (error instanceof Error && 'code' in error) console.log(error.code)
})

const { completed, failed, cancelled, started, crashed } = pool.stats()
console.log({ completed, failed, cancelled, started, crashed })
await pool.close()
