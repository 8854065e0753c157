import { type Clock, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import {
  closedGuard,
  type GuardKeeper,
  HeldRead,
  HeldUpgradable,
  HeldWrite,
  type ReadGuard,
  type UpgradableGuard,
  type WriteGuard,
} from './guards.ts'
import { ACTIONS, type Lockable, type RwLockStats } from './lockable.ts'
import type { Arrival, Policy, Waiting, Written } from './policies.ts'
import { runHolding } from './run-holding.ts'

/**
 * Knows who is inside and who waits, and lets the next ones in while somebody leaves: a right never
 * passes through a state in which it is nobody's, so a newcomer cannot snatch it away before the
 * one who was next has heard of it.
 *
 * Always: a writer inside is alone; there is one upgradable guard at most; and if nobody is inside,
 * nobody waits.
 */
export class Door implements Lockable, GuardKeeper {
  readonly #policy: Policy
  readonly #waiting: Waiting = {
    readers: new LinkedList(),
    upgradables: new LinkedList(),
    writers: new LinkedList(),
    upgrades: new LinkedList(),
  }
  readonly #reading: Waitable<ReadGuard, Arrival>
  readonly #readingUpgradably: Waitable<UpgradableGuard, Arrival>
  readonly #writing: Waitable<WriteGuard, Arrival>
  readonly #upgrading: Waitable<WriteGuard, HeldUpgradable>
  #readers = 0
  #hasUpgradable = false
  /** The writer inside, by how it came there. */
  #writer: Written | undefined
  #arrivals = 0

  constructor(policy: Policy, clock: Clock) {
    this.#policy = policy
    const { readers, upgradables, writers, upgrades } = this.#waiting
    const gaveUp = () => this.#letIn(undefined)
    const common = { clock, gaveUp }
    this.#reading = entry(common, ACTIONS.read, readers, () => this.tryRead())
    this.#readingUpgradably = entry(common, ACTIONS.upgradable, upgradables, () =>
      this.tryUpgradable(),
    )
    this.#writing = entry(common, ACTIONS.write, writers, () => this.tryWrite())
    this.#upgrading = {
      ...common,
      action: ACTIONS.upgrade,
      refusal: (guard) => (guard.isHeld ? undefined : closedGuard('upgrade')),
      tryNow: (guard) => this.tryUpgrade(guard) ?? NOT_YET,
      queueOf: () => upgrades,
    }
  }

  /** Without options there is nothing to check before, and a free lock needs no more than its promise. */
  read(options?: WaitOptions): Promise<ReadGuard> {
    const free = options === undefined ? this.tryRead() : undefined
    if (free !== undefined) return Promise.resolve(free)
    return wait(this.#reading, options, this.#arrivals++)
  }

  upgradable(options?: WaitOptions): Promise<UpgradableGuard> {
    return wait(this.#readingUpgradably, options, this.#arrivals++)
  }

  write(options?: WaitOptions): Promise<WriteGuard> {
    const free = options === undefined ? this.tryWrite() : undefined
    if (free !== undefined) return Promise.resolve(free)
    return wait(this.#writing, options, this.#arrivals++)
  }

  upgrade(guard: HeldUpgradable, options: WaitOptions | undefined): Promise<WriteGuard> {
    return wait(this.#upgrading, options, guard)
  }

  tryRead(): ReadGuard | undefined {
    return this.#fitsReader() && !this.#policy.holdsBack(this.#waiting)
      ? this.#admitReader()
      : undefined
  }

  tryUpgradable(): UpgradableGuard | undefined {
    return this.#fitsUpgradable() && !this.#policy.holdsBack(this.#waiting)
      ? this.#admitUpgradable()
      : undefined
  }

  tryWrite(): WriteGuard | undefined {
    return this.#fitsWriter() ? this.#admitWriter() : undefined
  }

  tryUpgrade(guard: HeldUpgradable): WriteGuard | undefined {
    return this.#readers === 0 ? this.#makeWriter(guard) : undefined
  }

  readerLeft(): void {
    this.#readers--
    if (this.#readers === 0) this.#letIn(undefined)
  }

  upgradableLeft(): void {
    this.#hasUpgradable = false
    this.#refuseUpgrades()
    this.#letIn(undefined)
  }

  writerLeft(): void {
    const written = this.#writer
    this.#writer = undefined
    this.#letIn(written)
  }

  writerBecameReader(): ReadGuard {
    const guard = this.#admitReader()
    this.writerLeft()
    return guard
  }

  upgradableBecameReader(): ReadGuard {
    const guard = this.#admitReader()
    this.upgradableLeft()
    return guard
  }

  stats(): RwLockStats {
    const { readers, upgradables, writers, upgrades } = this.#waiting
    return Object.freeze({
      readers: this.#readers,
      upgradables: this.#hasUpgradable ? 1 : 0,
      writers: this.#writer === undefined ? 0 : 1,
      waitingReaders: readers.size,
      waitingUpgradables: upgradables.size,
      waitingWriters: writers.size,
      waitingUpgrades: upgrades.size,
    })
  }

  runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return runHolding(fn, () => this.read(options))
  }

  runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return runHolding(fn, () => this.write(options))
  }

  #fitsReader(): boolean {
    return this.#writer === undefined
  }

  #fitsUpgradable(): boolean {
    return this.#writer === undefined && !this.#hasUpgradable
  }

  #fitsWriter(): boolean {
    return this.#writer === undefined && !this.#hasUpgradable && this.#readers === 0
  }

  #admitReader(): ReadGuard {
    this.#readers++
    return new HeldRead(this)
  }

  #admitUpgradable(): UpgradableGuard {
    this.#hasUpgradable = true
    return new HeldUpgradable(this)
  }

  #admitWriter(): WriteGuard {
    this.#writer = 'entered'
    return new HeldWrite(this)
  }

  #makeWriter(guard: HeldUpgradable): WriteGuard {
    guard.close()
    this.#hasUpgradable = false
    this.#writer = 'upgraded'
    return new HeldWrite(this)
  }

  /** Lets in whoever may come in now that somebody has left: the inside or a queue. */
  #letIn(written: Written | undefined): void {
    while (this.#writer === undefined && this.#letInNext(written));
  }

  /** Whether somebody left a queue, so that it may be the turn of one more. */
  #letInNext(written: Written | undefined): boolean {
    const { readers, upgradables, writers, upgrades } = this.#waiting
    const upgrade = upgrades.first
    if (upgrade !== undefined && this.#readers === 0) {
      if (upgrade.rejectIfAborted()) return true
      upgrade.resolve(this.#makeWriter(upgrade.detail))
      this.#refuseUpgrades()
      return true
    }
    const next = this.#policy.next(this.#waiting, written)
    if (next === 'reader') {
      return leavesQueue(readers.first, this.#fitsReader(), () => this.#admitReader())
    }
    if (next === 'upgradable') {
      return leavesQueue(upgradables.first, this.#fitsUpgradable(), () => this.#admitUpgradable())
    }
    return leavesQueue(writers.first, this.#fitsWriter(), () => this.#admitWriter())
  }

  /** Those of a guard that is closed. */
  #refuseUpgrades(): void {
    const { upgrades } = this.#waiting
    while (upgrades.first !== undefined) upgrades.first.reject(closedGuard('upgrade'))
  }
}

/** How those get in who come from outside. */
function entry<Guard>(
  common: Pick<Waitable<Guard, Arrival>, 'clock' | 'gaveUp'>,
  action: string,
  queue: LinkedList<Waiter<Guard, Arrival>>,
  tryNow: () => Guard | undefined,
): Waitable<Guard, Arrival> {
  return {
    ...common,
    action,
    refusal: () => undefined,
    tryNow: () => tryNow() ?? NOT_YET,
    queueOf: () => queue,
  }
}

function leavesQueue<Guard>(
  waiter: Waiter<Guard, Arrival> | undefined,
  fits: boolean,
  admit: () => Guard,
): boolean {
  if (waiter === undefined || !fits) return false
  if (!waiter.rejectIfAborted()) waiter.resolve(admit())
  return true
}
