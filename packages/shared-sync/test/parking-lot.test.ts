// What takes more than one seat to see, in one thread: a thread may sit in as many as it likes here.
import { BrokenError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { BarrierSeat, barrierRule, MEETING } from '../src/barrier-rule.ts'
import { conditionRule, ConditionSeat } from '../src/condition-rule.ts'
import { SharedDoor } from '../src/door.ts'
import type { Liveness } from '../src/liveness.ts'
import { LocalQueue } from '../src/local-queue.ts'
import { makeLotBuffer } from '../src/lot-buffer.ts'
import {
  DOOR,
  doorName,
  GRANTED,
  HOLD,
  INSPECTED_AT,
  LIFE,
  PLACE,
  placeWord,
  QUEUED,
  SEATS_USED,
  seatWord,
  STATE,
  VACANT,
  WAITING,
} from '../src/lot-layout.ts'
import { semaphoreRule, SemaphoreSeat } from '../src/semaphore-rule.ts'
import { ENTRY, mutexRule, MutexSeat } from '../src/mutex-rule.ts'
import { ParkingLot, type Rule, type Surroundings } from '../src/parking-lot.ts'
import { conditionNotice } from '../src/shared-condition.ts'
import type { SharedGuard } from '../src/shared-guard.ts'
import { mutexEntry } from '../src/shared-mutex.ts'
import { semaphoreEntry } from '../src/shared-semaphore.ts'
import { realSurroundings, takeSeat } from '../src/take-seat.ts'
import { threadFiles } from '../src/thread-files.ts'
import { SharedWords } from '../src/words.ts'

/** Three seats, of which the thread in the first is dead. */
function lotsOf(
  words: SharedWords,
  rule: Rule,
  now = (): number => performance.now(),
): [ParkingLot, ParkingLot, ParkingLot] {
  const DEAD = 7
  const liveness: Liveness = {
    self: () => ({ thread: 1, start: 1 }),
    hasEnded: ({ thread }) => thread === DEAD,
    now,
  }
  const surroundings: Surroundings = {
    liveness,
    makeDoor: (shared, seat, hasEnded) => new SharedDoor(shared, doorName(seat, 0), 0, hasEnded),
  }
  words.store(SEATS_USED, 3)
  words.store(seatWord(0, LIFE), DEAD)
  const lotOf = (seat: number): ParkingLot => new ParkingLot(words, seat, rule, surroundings)
  return [lotOf(0), lotOf(1), lotOf(2)]
}

describe('ParkingLot', () => {
  it('completes what a thread began that died behind the door, before anything else', () => {
    const words = new SharedWords(makeLotBuffer('SharedBarrier', 3, 2))
    const [dead, waiting, coming] = lotsOf(words, barrierRule)
    // One waits for a second, who comes and dies after it has said that they are complete.
    words.store(seatWord(waiting.seat, HOLD), 1)
    waiting.place(MEETING, { ticket: 0, detail: 0 })
    words.store(DOOR, dead.who)
    const died = new Error('died')
    const dying = new BarrierSeat(
      new ParkingLot(
        words,
        dead.seat,
        { ...barrierRule, settle: () => fail(died) },
        {
          liveness: { self: () => ({ thread: 7, start: 0 }), hasEnded: () => false, now: () => 0 },
          makeDoor: () => ({ enter: () => false, leave: () => fail(died) }),
        },
      ),
    )
    expect(() => dying.tryComplete()).toThrow(died)

    const arriving = new BarrierSeat(coming)
    coming.change(() => {
      arriving.arrive()
      coming.place(MEETING, { ticket: 1, detail: 0 })
    })

    expect(waiting.stateOf(MEETING)).toBe(GRANTED)
    expect(coming.stateOf(MEETING)).toBe(WAITING)
  })

  it('is entered again by a thread whose code was ended behind the door', () => {
    const words = new SharedWords(makeLotBuffer('SharedBarrier', 3, 2))
    const [, lot] = lotsOf(words, barrierRule)
    words.store(DOOR, lot.who)

    lot.change(() => words.store(placeWord(1, MEETING, PLACE), GRANTED))

    expect(words.load(DOOR)).toBe(0)
  })

  it.each([10, 35, 55])('finds out a death when nobody has looked for %i days', (days) => {
    const words = new SharedWords(makeLotBuffer('SharedBarrier', 3, 2))
    const [dead, lot] = lotsOf(words, barrierRule, () => days * 86_400_000)
    words.store(INSPECTED_AT, 0)

    lot.inspect()

    expect(words.load(seatWord(dead.seat, LIFE))).toBe(VACANT)
  })

  it('has nobody to look for when it is made', () => {
    const before = Math.trunc(threadFiles.now())

    const words = new SharedWords(makeLotBuffer('SharedBarrier', 3, 2))

    const after = Math.trunc(threadFiles.now())
    expect((words.load(INSPECTED_AT) - before) >>> 0).toBeLessThanOrEqual(after - before)
  })
})

describe('takeSeat()', () => {
  it('takes the last seat over from a thread that died in it, behind the door', () => {
    const words = new SharedWords(makeLotBuffer('SharedMutex', 2))
    const liveness: Liveness = {
      self: () => ({ thread: 1, start: 1 }),
      hasEnded: ({ thread }) => thread === 7,
      now: () => performance.now(),
    }
    words.store(SEATS_USED, 3)
    for (const seat of [0, 1, 2]) words.store(seatWord(seat, LIFE), 7)
    words.store(DOOR, 3)

    const lot = takeSeat(words, mutexRule, { ...realSurroundings(), liveness })

    expect(lot?.seat).toBe(0)
    expect(words.load(seatWord(2, LIFE))).toBe(VACANT)
    expect(words.load(DOOR)).toBe(0)
  })
})

function fail(error: Error): never {
  throw error
}

describe('SemaphoreSeat', () => {
  it('recovers permits of a thread that nobody knew to be dead', () => {
    const words = new SharedWords(makeLotBuffer('SharedSemaphore', 3, 1))
    const [, lot] = lotsOf(words, semaphoreRule)
    words.store(seatWord(0, HOLD), 1)

    expect(new SemaphoreSeat(lot).recover()).toBe(true)
    expect(words.load(seatWord(0, HOLD))).toBe(0)
  })
})

/** Those who wait for a mutex that a dead thread holds, and somebody else. */
function afterDeath(): [LocalQueue<SharedGuard>, MutexSeat, SharedWords] {
  const words = new SharedWords(makeLotBuffer('SharedMutex', 3))
  const [dead, lot, other] = lotsOf(words, mutexRule, () => 1000)
  words.store(INSPECTED_AT, 0)
  words.store(STATE, dead.who)
  const queue = new LocalQueue(lot, mutexEntry(new MutexSeat(lot)), words)
  return [queue, new MutexSeat(other), words]
}

describe('LocalQueue', () => {
  it('turns away who waited before recover(), and nobody who comes after it', async () => {
    const words = new SharedWords(makeLotBuffer('SharedSemaphore', 3, 1))
    const [, lot, other] = lotsOf(words, semaphoreRule)
    words.store(seatWord(0, HOLD), 1)
    const queue = new LocalQueue(lot, semaphoreEntry(new SemaphoreSeat(lot)), words)
    const before = queue.wait({}, 1)

    new SemaphoreSeat(other).recover()
    const after = queue.wait({}, 1)

    await expect(before).rejects.toBeInstanceOf(BrokenError)
    await expect(after).resolves.toBeDefined()
  })

  it.each([0, 1])('finds out a death before a wait of %i ms gives up', async (timeout) => {
    const [queue, coming] = afterDeath()

    await expect(queue.wait({ timeout })).rejects.toBeInstanceOf(BrokenError)
    coming.recover()
    coming.leave()
    await expect(queue.wait({ timeout })).resolves.toBeDefined()
  })

  it.each([0, 1])('finds out a death before it has blocked for %i ms', (timeout) => {
    const [queue] = afterDeath()

    expect(() => queue.waitSync(timeout, () => performance.now())).toThrow(BrokenError)
  })

  it('gives what a dead thread was about to get to one that times out', async () => {
    const [queue, , words] = afterDeath()
    words.store(placeWord(0, ENTRY, PLACE), GRANTED)
    words.store(STATE, QUEUED)

    await expect(queue.wait({ timeout: 1 })).resolves.toBeDefined()
  })
  it('is notified to the last, however many wait in it', async () => {
    const words = new SharedWords(makeLotBuffer('SharedCondition', 3))
    const [, lot] = lotsOf(words, conditionRule)
    const seat = new ConditionSeat(lot)
    const queue = new LocalQueue(lot, conditionNotice(seat), words)
    const waits = Array.from({ length: 70_000 }, () => queue.wait({}))

    seat.notify(66_000)
    queue.collect()
    const left = queue.size
    seat.notify(Infinity)

    await Promise.all(waits)
    expect(left).toBe(4000)
  })

  it('hands a notification on to another thread, if all of this one have given up', async () => {
    const words = new SharedWords(makeLotBuffer('SharedCondition', 3))
    const seats = [1, 2].map(() => {
      const lot = takeSeat(words, conditionRule, realSurroundings())
      if (lot === undefined) throw new Error('There is no seat')
      return new ConditionSeat(lot)
    })
    const [first, second] = seats.map(
      (seat) => new LocalQueue(seat.lot, conditionNotice(seat), words),
    )
    const controller = new AbortController()
    const givingUp = first?.wait({ signal: controller.signal })
    const waiting = second?.wait({})

    seats[0]?.notify(1)
    controller.abort('enough')

    await expect(givingUp).rejects.toBe('enough')
    await expect(waiting).resolves.toBeUndefined()
  })
})
