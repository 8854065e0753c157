// What is left of a wait whose code was terminated in a thread that lives on.
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedMutex,
  SharedSemaphore,
} from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { workerOf } from '../../interruptible-worker/test/fixtures/workers.ts'
import { EventSeat, eventRule, GATE } from '../src/event-rule.ts'
import { LocalQueue } from '../src/local-queue.ts'
import { makeLotBuffer, type SharedHandle } from '../src/lot-buffer.ts'
import { DOOR, PLACE, placeWord, STATE, TICKET, WAITING } from '../src/lot-layout.ts'
import { mutexRule, MutexSeat } from '../src/mutex-rule.ts'
import { eventGate } from '../src/shared-event.ts'
import { mutexEntry } from '../src/shared-mutex.ts'
import { realSurroundings, takeSeat } from '../src/take-seat.ts'
import { SharedWords } from '../src/words.ts'
import { failureOf } from '../../../test/failure-of.ts'
import type * as Tasks from './fixtures/interrupted-tasks.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'

type TaskWorker = ReturnType<typeof workerOf<typeof Tasks>>

function taskWorker(): TaskWorker {
  return workerOf(new URL('./fixtures/interrupted-tasks.ts', import.meta.url))
}

/** Has the call wait for something, and its code terminated then. */
async function terminated(worker: TaskWorker, call: Promise<unknown>, handle: SharedHandle) {
  const failure = failureOf(call)
  await until(() => threadsWaiting(handle) === 1)
  const outcome = await worker.interrupt('stop', { checkpointMs: 0, executionMs: 10_000 })
  expect(outcome).toMatchObject({ stage: 'execution', survived: true })
  expect(await failure).toBeInstanceOf(Error)
}

describe('A wait whose code is terminated in a thread that lives on', () => {
  it.each([
    ['SharedMutex', () => new SharedMutex()],
    ['SharedSemaphore', () => new SharedSemaphore(1)],
  ])('leaves a %s to the others, and to the same thread later', async (_, make) => {
    const lock = make()
    const worker = taskWorker()
    const held = await lock.acquire()
    await terminated(worker, worker.run('visit', [lock.handle, 'acquireSync']), lock.handle)
    expect(threadsWaiting(lock.handle)).toBe(0)

    held.release()

    const again = lock.tryAcquire()
    expect(again).toBeDefined()
    const visit = worker.run('visit', [lock.handle, 'acquireSync'])
    await until(() => threadsWaiting(lock.handle) === 1)
    again?.release()
    expect(await visit).toBe('visited')
  })

  it('leaves a SharedEvent to be waited for again', async () => {
    const event = new SharedEvent()
    const worker = taskWorker()
    await terminated(worker, worker.run('visit', [event.handle, 'waitSync']), event.handle)
    event.set()
    event.clear()

    const again = worker.run('visit', [event.handle, 'waitSync'])
    await until(() => threadsWaiting(event.handle) === 1)
    event.set()

    expect(await again).toBe('visited')
  })

  it('breaks a SharedBarrier, as somebody who gives up does', async () => {
    const barrier = new SharedBarrier(2)
    const worker = taskWorker()
    await terminated(worker, worker.run('visit', [barrier.handle, 'waitSync']), barrier.handle)

    expect(barrier.broken).toBe(true)
    expect(barrier.waiting).toBe(0)
    barrier.reset()
    const again = worker.run('visit', [barrier.handle, 'waitSync'])
    await barrier.wait()
    expect(await again).toBe('visited')
  })

  it('leaves the notifications of a SharedCondition to the others', async () => {
    const condition = new SharedCondition()
    const worker = taskWorker()
    await terminated(worker, worker.run('waitForNotice', [condition.handle]), condition.handle)
    const held = await condition.mutex.acquire()
    const noticed = condition.wait(held, { timeout: 10_000 })

    await condition.mutex.run((other) => condition.notify(other))

    await expect(noticed).resolves.toBeUndefined()
    held.release()
  })

  it('leaves the notification to the others that it had when it waited for the mutex', async () => {
    const condition = new SharedCondition()
    const { mutex } = condition
    const worker = taskWorker()
    const failure = failureOf(worker.run('waitForNotice', [condition.handle]))
    await until(() => threadsWaiting(condition.handle) === 1)
    const noticed = condition.wait(await mutex.acquire())
    const held = await mutex.acquire()

    condition.notify(held)
    await until(() => threadsWaiting(mutex.handle) === 1)
    await worker.interrupt('stop', { checkpointMs: 0, executionMs: 10_000 })
    held.release()

    await expect(noticed).resolves.toBeUndefined()
    expect(await failure).toBeInstanceOf(Error)
  })
})

/** Words of a thread that is terminated at a certain moment. */
class FatalWords extends SharedWords {
  onWait: (() => void) | undefined
  fatalWord = -1

  /** Whether it is terminated later than in its sleep. */
  isAwake = false

  override wait(): 'ok' {
    this.onWait?.()
    if (this.isAwake) return 'ok'
    throw new Error('terminated')
  }

  override store(index: number, value: number): void {
    if (index === this.fatalWord) throw new Error('terminated')
    super.store(index, value)
  }
}

/** Two seats of a mutex: one that is entered, and one whose code will be terminated. */
function twoSeats() {
  const words = new FatalWords(makeLotBuffer('SharedMutex'))
  const [lot, other] = [0, 1].map(() => takeSeat(words, mutexRule, realSurroundings()))
  if (lot === undefined || other === undefined) throw new Error('No seats')
  const holder = new MutexSeat(other)
  holder.tryEnter()
  const queue = new LocalQueue(lot, mutexEntry(new MutexSeat(lot)), words)
  const block = () => queue.waitSync(10_000, () => 0)
  return { words, lot, holder, queue, block }
}

describe('LocalQueue.mend()', () => {
  it('passes on what was granted to a wait that is gone', () => {
    const { words, holder, queue, block } = twoSeats()
    words.onWait = () => holder.leave()
    expect(block).toThrow('terminated')
    expect(holder.tryEnter()).toBe(false)

    queue.mend()

    expect(words.load(STATE)).toBe(0)
    expect(holder.tryEnter()).toBe(true)
  })

  it('lets those go on whom it had let in', async () => {
    const { words, lot, holder, queue } = twoSeats()
    const [first, second] = [queue.wait({}), queue.wait({})]
    holder.leave()
    // It has entered for the first, and is about to put the second forward.
    words.fatalWord = placeWord(lot.seat, 0, TICKET)
    expect(() => queue.collect()).toThrow('terminated')
    words.fatalWord = -1

    queue.mend()

    const guard = await first
    expect(queue.size).toBe(1)
    expect(holder.tryEnter()).toBe(false)
    guard.release()
    ;(await second).release()
    expect(words.load(STATE)).toBe(0)
  })

  it('gives back what a blocking wait had entered and never returned', () => {
    const { words, lot, holder, queue, block } = twoSeats()
    words.isAwake = true
    words.onWait = () => {
      holder.leave()
      words.fatalWord = placeWord(lot.seat, 0, PLACE)
    }
    expect(block).toThrow('terminated')
    words.fatalWord = -1
    expect(words.load(STATE)).toBe(lot.who)

    queue.mend()

    expect(words.load(STATE)).toBe(0)
    expect(holder.tryEnter()).toBe(true)
  })

  it('gives back what code took that was terminated before it had a guard', () => {
    const { words, lot, holder, queue } = twoSeats()
    holder.leave()
    new MutexSeat(lot).tryEnter()

    queue.mend()

    expect(words.load(STATE)).toBe(0)
  })

  it('leaves alone what a guard is for', async () => {
    const { words, lot, holder, queue } = twoSeats()
    holder.leave()
    const guard = await queue.wait({})

    queue.mend()

    expect(words.load(STATE)).toBe(lot.who)
    guard.release()
    expect(words.load(STATE)).toBe(0)
  })

  it('leaves the door, and puts behind it in order what is half done', () => {
    const { words, lot, holder, queue, block } = twoSeats()
    words.fatalWord = placeWord(lot.seat, 0, TICKET)
    expect(block).toThrow('terminated')
    words.fatalWord = -1
    expect(words.load(DOOR)).not.toBe(0)

    queue.mend()

    expect(words.load(DOOR)).toBe(0)
    holder.leave()
    expect(holder.tryEnter()).toBe(true)
  })

  it('comes by itself when the thread waits next, where nobody told of the termination', () => {
    const words = new FatalWords(makeLotBuffer('SharedEvent'))
    const lot = takeSeat(words, eventRule, realSurroundings())
    if (lot === undefined) throw new Error('No seat')
    const event = new EventSeat(lot)
    const block = () => new LocalQueue(lot, eventGate(event), words).waitSync(10_000, () => 0)
    words.onWait = () => event.set()
    expect(block).toThrow('terminated')
    event.clear()

    words.onWait = () => expect(lot.stateOf(GATE)).toBe(WAITING)
    expect(block).toThrow('terminated')
  })
})
