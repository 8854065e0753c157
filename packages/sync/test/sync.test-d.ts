// Checked by the compiler alone: each line compiles, or does not where it says so.
import {
  type AsyncEvent,
  Barrier,
  Condition,
  EventCache,
  type Guard,
  KeyedMutex,
  Latch,
  Mutex,
  type MutexGuard,
  Semaphore,
} from '@cupola/sync'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

const semaphore = new Semaphore(3)
const mutex = new Mutex()
const condition = new Condition(mutex)
const keyed = new KeyedMutex<string>()

const permit = semaphore.acquire({ weight: 2, timeout: 5 })
same<typeof permit, Promise<Guard>>(true)
const held = mutex.tryAcquire()
same<typeof held, MutexGuard | undefined>(true)
const index = new Barrier(2).wait()
same<typeof index, Promise<number>>(true)

// What a function gives is awaited once.
const length = semaphore.run(() => Promise.resolve('text'.length))
same<typeof length, Promise<number>>(true)
const text = keyed.runAll(new Set(['a']), () => 'text')
same<typeof text, Promise<string>>(true)
const event = new EventCache().run((one) => one)
same<typeof event, Promise<AsyncEvent>>(true)

// Options may be forwarded as they came, `undefined` included.
declare const signal: AbortSignal | undefined
declare const timeout: number | undefined
void new Latch(1, { clock: undefined }).wait({ signal, timeout })
void semaphore.acquire({ signal, timeout, weight: undefined })

// @ts-expect-error a condition wants to see the lock
void condition.wait()
// @ts-expect-error of its mutex
condition.notify(semaphore.tryAcquire())
// @ts-expect-error that there is for certain
condition.notify(mutex.tryAcquire())
// @ts-expect-error a key of another type
void keyed.acquire(1)
// @ts-expect-error a mutex has no weights
void mutex.acquire({ weight: 1 })
