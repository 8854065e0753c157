import { BrokenError, TimeoutError, type WaitOptions } from '@cupola/core'
import { checkWaitOptions } from '@cupola/core/authoring'
import type { Lockable, RwLockStats } from '../lockable.ts'
import type { ReadGuard, UpgradableGuard, WriteGuard } from '../guards.ts'
import { addToThisFlow, heldByThisFlow, runAsOwnFlow } from './flow.ts'
import { Hold, type HoldKind } from './hold.ts'
import { LockOrder } from './lock-order.ts'
import { WatchedRead, WatchedUpgradable, WatchedWrite } from './watched-guards.ts'

const ACTIONS: Readonly<Record<HoldKind, string>> = {
  read: 'take the read lock',
  upgradable: 'take the upgradable lock',
  write: 'take the write lock',
}

/** How a guard of one kind is got. */
interface Way<Guard> {
  readonly kind: HoldKind
  tryNow(): Guard | undefined
  wait(options: WaitOptions | undefined): Promise<Guard>
  watched(guard: Guard, hold: Hold): Guard
}

/**
 * Stands before a lock that is debugged: refuses waits that would never end, or that another order
 * of events might turn into such, and says in a `TimeoutError` who was in the way.
 */
export class WatchedLock implements Lockable {
  readonly #lock: Lockable
  readonly #order = new LockOrder()
  readonly #holds = new Set<Hold>()
  readonly #reading: Way<ReadGuard>
  readonly #readingUpgradably: Way<UpgradableGuard>
  readonly #writing: Way<WriteGuard>

  constructor(lock: Lockable) {
    this.#lock = lock
    this.#reading = {
      kind: 'read',
      tryNow: () => lock.tryRead(),
      wait: (options) => lock.read(options),
      watched: (guard, hold) => new WatchedRead(guard, hold),
    }
    this.#readingUpgradably = {
      kind: 'upgradable',
      tryNow: () => lock.tryUpgradable(),
      wait: (options) => lock.upgradable(options),
      watched: (guard, hold) =>
        new WatchedUpgradable(guard, hold, (...upgrade) => this.#upgrade(...upgrade)),
    }
    this.#writing = {
      kind: 'write',
      tryNow: () => lock.tryWrite(),
      wait: (options) => lock.write(options),
      watched: (guard, hold) => new WatchedWrite(guard, hold),
    }
  }

  read(options?: WaitOptions): Promise<ReadGuard> {
    return this.#acquire(this.#reading, options)
  }

  upgradable(options?: WaitOptions): Promise<UpgradableGuard> {
    return this.#acquire(this.#readingUpgradably, options)
  }

  write(options?: WaitOptions): Promise<WriteGuard> {
    return this.#acquire(this.#writing, options)
  }

  tryRead(): ReadGuard | undefined {
    return this.#tryAcquire(this.#reading)
  }

  tryUpgradable(): UpgradableGuard | undefined {
    return this.#tryAcquire(this.#readingUpgradably)
  }

  tryWrite(): WriteGuard | undefined {
    return this.#tryAcquire(this.#writing)
  }

  stats(): RwLockStats {
    return this.#lock.stats()
  }

  run<T>(fn: () => T): T {
    return runAsOwnFlow(fn)
  }

  /**
   * No `await` may come before `addToThisFlow`: after one, it is another flow that gets the hold.
   * The hold begins after one even if the lock is free, see {@link heldByThisFlow}.
   */
  async #acquire<Guard>(way: Way<Guard>, options: WaitOptions | undefined): Promise<Guard> {
    checkWaitOptions(options)
    const free = mayWait(options) ? this.#checked(way) : undefined
    const hold = new Hold(this.#order, way.kind, this.#holds)
    addToThisFlow(hold)
    const guard = await (free ?? this.#explained(way.wait(options)))
    hold.begin()
    return way.watched(guard, hold)
  }

  /** Refuses to wait where that might be for ever; gives the guard if there is no need to wait. */
  #checked<Guard>(way: Way<Guard>): Guard | undefined {
    this.#checkOrder(ACTIONS[way.kind])
    const free = way.tryNow()
    if (free === undefined) this.#checkSelf(way.kind)
    return free
  }

  #tryAcquire<Guard>(way: Way<Guard>): Guard | undefined {
    const guard = way.tryNow()
    if (guard === undefined) return undefined
    const hold = new Hold(this.#order, way.kind, this.#holds)
    hold.begin()
    addToThisFlow(hold)
    return way.watched(guard, hold)
  }

  async #upgrade(
    hold: Hold,
    guard: UpgradableGuard,
    options: WaitOptions | undefined,
  ): Promise<WriteGuard> {
    checkWaitOptions(options)
    if (hold.isHeld && mayWait(options)) {
      this.#checkOrder('upgrade')
      const inTheWay = this.#ownHolds().find((own) => own !== hold)
      if (inTheWay !== undefined) throw waitsForItself('upgrade', inTheWay)
    }
    return await this.#explained(guard.upgrade(options), hold)
  }

  #ownHolds(): readonly Hold[] {
    return heldByThisFlow().filter(({ order }) => order === this.#order)
  }

  /** Refuses to wait for what this flow has itself. */
  #checkSelf(kind: HoldKind): void {
    const [own] = this.#ownHolds()
    if (own === undefined) return
    const { waitingWriters, waitingUpgrades } = this.#lock.stats()
    // Beside a reader, an upgradable may merely wait for another upgradable to leave.
    if (
      own.kind === 'read' &&
      kind === 'upgradable' &&
      waitingWriters === 0 &&
      waitingUpgrades === 0
    )
      return
    throw waitsForItself(ACTIONS[kind], own)
  }

  /** Refuses to wait for this lock with another in hand that was once taken after it. */
  #checkOrder(action: string): void {
    for (const { order } of heldByThisFlow()) {
      if (order === this.#order) continue
      const cause = this.#order.findLater(order)
      if (cause !== undefined)
        throw new BrokenError(action, 'two locks are taken in both orders', { cause })
      order.addLater(this.#order)
    }
  }

  async #explained<Guard>(waiting: Promise<Guard>, own?: Hold): Promise<Guard> {
    try {
      return await waiting
    } catch (error) {
      if (error instanceof TimeoutError) error.cause = this.#inTheWay(own)
      throw error
    }
  }

  #inTheWay(own: Hold | undefined): Error {
    const holds = [...this.#holds].filter((hold) => hold !== own)
    const errors = holds.map((hold) => hold.toError())
    const [only] = errors
    if (only !== undefined && errors.length === 1) return only
    return new AggregateError(errors, `${errors.length} guards are held`)
  }
}

/** What cannot wait cannot wait for ever. */
function mayWait(options: WaitOptions | undefined): boolean {
  return options?.timeout !== 0 && options?.signal?.aborted !== true
}

function waitsForItself(action: string, own: Hold): BrokenError {
  const problem = 'the code that asks holds the lock itself, and would wait for ever'
  return new BrokenError(action, problem, { cause: own.toError() })
}
