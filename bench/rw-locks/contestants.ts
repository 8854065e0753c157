// Who takes part. None of them has anything to set that would make it faster.
import { readFileSync } from 'node:fs'
import { RwLock } from '@cupola/rw-lock'
import { RWLock as RocicorpLock } from '@rocicorp/lock'
import { Mutex } from 'async-mutex'
import { RWLock as AsyncRwLock } from 'async-rwlock'
import type { BenchLock, Contestant } from './contestant.ts'

export const contestants: readonly Contestant[] = [
  { family: 'floor', name: 'no lock', settings: '', isShared: true, open: openFloor },
  {
    family: 'Cupola',
    name: 'RwLock',
    settings: 'from source, phase-fair',
    isShared: true,
    open: () => openCupola(new RwLock()),
  },
  {
    family: 'Cupola',
    name: 'RwLock, fifo',
    settings: 'from source, fifo',
    isShared: true,
    open: () => openCupola(new RwLock({ policy: 'fifo' })),
  },
  {
    family: 'rocicorp',
    name: '@rocicorp/lock',
    settings: `${versionOf('@rocicorp/lock')}, the newest for Node 20`,
    isShared: true,
    open: openRocicorp,
  },
  {
    family: 'async-rwlock',
    name: 'async-rwlock',
    settings: versionOf('async-rwlock'),
    isShared: true,
    open: openAsyncRwLock,
  },
  {
    family: 'async-mutex',
    name: 'async-mutex',
    settings: `${versionOf('async-mutex')}, Mutex: readers do not share`,
    isShared: false,
    open: openMutex,
  },
]

/** The same loops with one promise in the place of each acquisition. */
function openFloor(): BenchLock {
  const free = {}
  return {
    async readAlone(times) {
      for (let visit = 0; visit < times; visit++) await Promise.resolve(free)
    },
    async visit(times, isWrite, inside) {
      for (let visit = 0; visit < times; visit++) {
        await Promise.resolve(free)
        await inside(isWrite(visit))
      }
    },
  }
}

function openCupola(lock: RwLock): BenchLock {
  return {
    async readAlone(times) {
      for (let visit = 0; visit < times; visit++) {
        const guard = await lock.read()
        guard.release()
      }
    },
    async visit(times, isWrite, inside) {
      for (let visit = 0; visit < times; visit++) {
        const writes = isWrite(visit)
        const guard = writes ? await lock.write() : await lock.read()
        await inside(writes)
        guard.release()
      }
    },
  }
}

function openRocicorp(): BenchLock {
  const lock = new RocicorpLock()
  return {
    async readAlone(times) {
      for (let visit = 0; visit < times; visit++) {
        const release = await lock.read()
        release()
      }
    },
    async visit(times, isWrite, inside) {
      for (let visit = 0; visit < times; visit++) {
        const writes = isWrite(visit)
        const release = writes ? await lock.write() : await lock.read()
        await inside(writes)
        release()
      }
    },
  }
}

function openAsyncRwLock(): BenchLock {
  const lock = new AsyncRwLock()
  return {
    async readAlone(times) {
      for (let visit = 0; visit < times; visit++) {
        await lock.readLock()
        lock.unlock()
      }
    },
    async visit(times, isWrite, inside) {
      for (let visit = 0; visit < times; visit++) {
        const writes = isWrite(visit)
        await (writes ? lock.writeLock() : lock.readLock())
        await inside(writes)
        lock.unlock()
      }
    },
  }
}

function openMutex(): BenchLock {
  const mutex = new Mutex()
  return {
    async readAlone(times) {
      for (let visit = 0; visit < times; visit++) {
        const release = await mutex.acquire()
        release()
      }
    },
    async visit(times, isWrite, inside) {
      for (let visit = 0; visit < times; visit++) {
        const release = await mutex.acquire()
        await inside(isWrite(visit))
        release()
      }
    },
  }
}

function versionOf(library: string): string {
  const manifest = new URL(`../node_modules/${library}/package.json`, import.meta.url)
  // A package has no manifest without one.
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
