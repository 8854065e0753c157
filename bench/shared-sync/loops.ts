import { SharedRwLock, type SharedRwLockHandle } from '@cupola/rw-lock'
import {
  SharedCounter,
  type SharedCounterHandle,
  SharedMutex,
  type SharedMutexHandle,
  SharedSemaphore,
  type SharedSemaphoreHandle,
} from '@cupola/shared-sync'

/** What the threads of the bench share. */
export interface Shared {
  readonly mutex: SharedMutexHandle
  readonly rwLock: SharedRwLockHandle
  readonly semaphore: SharedSemaphoreHandle
  readonly counter: SharedCounterHandle
  /** Words for the floors. */
  readonly bare: SharedArrayBuffer
}

export function makeShared(): Shared {
  return {
    mutex: new SharedMutex().handle,
    rwLock: new SharedRwLock().handle,
    semaphore: new SharedSemaphore(4).handle,
    counter: new SharedCounter().handle,
    bare: new SharedArrayBuffer(1024),
  }
}

/** Does one thing so many times. */
export type Loop = (times: number) => void

/** The loops of one thread, by name. Each has its own words, so that nobody pays for an adapter. */
export function loopsOf(shared: Shared): Record<string, Loop> {
  const bare = new Int32Array(shared.bare)
  const mutex = SharedMutex.attach(shared.mutex)
  const rwLock = SharedRwLock.attach(shared.rwLock)
  const semaphore = SharedSemaphore.attach(shared.semaphore)
  const counter = SharedCounter.attach(shared.counter)
  return {
    'floor: 2 bare compareExchange': (times) => {
      for (let time = 0; time < times; time++) {
        Atomics.compareExchange(bare, 0, 0, 1)
        Atomics.compareExchange(bare, 0, 1, 0)
      }
    },
    'floor and 4 more': (times) => {
      for (let time = 0; time < times; time++) {
        Atomics.compareExchange(bare, 0, 0, 1)
        for (let more = 0; more < 4; more++) Atomics.compareExchange(bare, 0, 1, 1)
        Atomics.compareExchange(bare, 0, 1, 0)
      }
    },
    'SharedMutex.tryAcquire()': (times) => {
      for (let time = 0; time < times; time++) mutex.tryAcquire()?.release()
    },
    'SharedMutex.acquireSync()': (times) => {
      for (let time = 0; time < times; time++) {
        mutex.acquireSync({ allowOnMainThread: true }).release()
      }
    },
    'SharedRwLock.tryRead()': (times) => {
      for (let time = 0; time < times; time++) rwLock.tryRead()?.release()
    },
    'SharedRwLock.readSync()': (times) => {
      for (let time = 0; time < times; time++) {
        rwLock.readSync({ allowOnMainThread: true }).release()
      }
    },
    'SharedRwLock.tryWrite()': (times) => {
      for (let time = 0; time < times; time++) rwLock.tryWrite()?.release()
    },
    'SharedSemaphore.tryAcquire()': (times) => {
      for (let time = 0; time < times; time++) semaphore.tryAcquire()?.release()
    },
    'SharedCounter.add()': (times) => {
      for (let time = 0; time < times; time++) counter.add()
    },
  }
}
