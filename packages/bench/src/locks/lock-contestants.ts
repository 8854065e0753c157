// Who takes part. None of them has anything to set that would make it faster.
import { RwLock } from '@cupola/rw-lock'
import { exported, type Rivals } from '../races/rivals.ts'
import type { BenchLock, LockContestant } from './lock-contestant.ts'

/** The libraries of the others. */
export const LOCK_LIBRARIES = ['@rocicorp/lock', 'async-rwlock', 'async-mutex'] as const

/** The locks that there are, and the floor. */
export function lockContestants(rivals: Rivals): readonly LockContestant[] {
  return [
    { family: 'floor', name: 'floor: no lock', settings: '', isShared: true, open: openFloor },
    {
      family: 'Cupola',
      name: 'RwLock',
      settings: 'phase-fair',
      isShared: true,
      open: () => openCupola(new RwLock()),
    },
    {
      family: 'Cupola',
      name: 'RwLock, fifo',
      settings: 'fifo',
      isShared: true,
      open: () => openCupola(new RwLock({ policy: 'fifo' })),
    },
    ...rivalContestants(rivals),
  ]
}

function rivalContestants(rivals: Rivals): readonly LockContestant[] {
  const [rocicorp, asyncRwLock, asyncMutex] = LOCK_LIBRARIES.map((name) => rivals.get(name))
  const found: LockContestant[] = []
  if (rocicorp !== undefined) {
    const Lock = exported<RocicorpLock>(rocicorp, 'RWLock')
    found.push({
      family: 'rocicorp',
      name: '@rocicorp/lock',
      settings: rocicorp.version,
      isShared: true,
      open: () => openRocicorp(new Lock()),
    })
  }
  if (asyncRwLock !== undefined) {
    const Lock = exported<AsyncRwLock>(asyncRwLock, 'RWLock')
    found.push({
      family: 'async-rwlock',
      name: 'async-rwlock',
      settings: asyncRwLock.version,
      isShared: true,
      open: () => openAsyncRwLock(new Lock()),
    })
  }
  if (asyncMutex !== undefined) {
    const Mutex = exported<AsyncMutex>(asyncMutex, 'Mutex')
    found.push({
      family: 'async-mutex',
      name: 'async-mutex',
      settings: `${asyncMutex.version}, Mutex: readers do not share`,
      isShared: false,
      open: () => openMutex(new Mutex()),
    })
  }
  return found
}

/** What is needed of @rocicorp/lock. */
type RocicorpLock = new () => {
  read(): Promise<() => void>
  write(): Promise<() => void>
}

/** What is needed of async-rwlock. */
type AsyncRwLock = new () => {
  readLock(): Promise<void>
  writeLock(): Promise<void>
  unlock(): void
}

/** What is needed of async-mutex. */
type AsyncMutex = new () => { acquire(): Promise<() => void> }

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

function openRocicorp(lock: InstanceType<RocicorpLock>): BenchLock {
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

function openAsyncRwLock(lock: InstanceType<AsyncRwLock>): BenchLock {
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

function openMutex(mutex: InstanceType<AsyncMutex>): BenchLock {
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
