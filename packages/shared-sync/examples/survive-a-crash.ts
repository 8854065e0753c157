// A thread is terminated in the middle of a transfer. Whoever comes next is told, puts things right,
// and goes on.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { BrokenError } from '@cupola/core'
import { SharedMutex, type SharedMutexHandle } from '@cupola/shared-sync'

interface Bank {
  readonly mutex: SharedMutexHandle
  /** Two accounts, which have 100 together. */
  readonly accounts: Int32Array
}

if (isMainThread) {
  const mutex = new SharedMutex()
  const accounts = new Int32Array(new SharedArrayBuffer(8))
  accounts[0] = 100
  const bank: Bank = { mutex: mutex.handle, accounts }

  const worker = new Worker(new URL(import.meta.url), { workerData: bank })
  await once(worker, 'message')
  await worker.terminate()
  assert.deepEqual([...accounts], [90, 0])

  await assert.rejects(mutex.acquire(), BrokenError)
  const guard = mutex.recover()
  assert(guard !== undefined)
  accounts[1] = 10
  guard.release()
  console.log(`${accounts[0]} and ${accounts[1]}: the transfer is complete.`)
} else {
  const { mutex, accounts } = workerData as Bank
  const guard = SharedMutex.attach(mutex).acquireSync()
  accounts[0] = 90
  parentPort?.postMessage('half done')
  // Nobody pays in: the thread is terminated here.
  while (Atomics.load(accounts, 1) === 0);
  guard.release()
}
