import { BrokenError, TimeoutError, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireFunction } from '@cupola/core/authoring'
import type { ReadGuard, UpgradableGuard, WriteGuard } from '../guards.ts'
import { ACTIONS, type Lockable, type RwLockStats } from '../lockable.ts'
import type { RwLockPolicy } from '../policies.ts'
import { runHolding } from '../run-holding.ts'
import { Hold, type HoldKind, inTheWay, takenAt } from './hold.ts'
import { noteWaits, Party } from './party.ts'
import { callerOf, type Place } from './place.ts'
import { type Held, Run } from './run.ts'
import { WatchedRead, WatchedUpgradable, WatchedWrite } from './watched-guards.ts'

/** What is asked for by one who may have to wait. */
interface Wish<Guard> {
  readonly action: string
  readonly kind: HoldKind
  readonly place: Place
  readonly options: WaitOptions | undefined
  /** What the one that asks holds already, and would upgrade. */
  readonly upgraded?: Hold
  ask(): Promise<Guard>
  watched(guard: Guard): Guard
}

/**
 * Stands before a lock that is debugged. It refuses waits that may end in a deadlock, by what the
 * runs hold whose code asks; and it says in a `TimeoutError` who was in the way.
 */
export class WatchedLock implements Lockable {
  readonly #lock: Lockable
  readonly #entrances: Lockable
  readonly #holds = new Set<Hold>()
  readonly #readers = new Party()
  readonly #writers: Party

  /** @param entrances - The methods that programs call: a stack begins with who called them. */
  constructor(lock: Lockable, policy: RwLockPolicy, entrances: Lockable) {
    this.#lock = lock
    this.#entrances = entrances
    // Elsewhere one who reads may wait for a writer that waits for those who read: all are one.
    this.#writers = policy === 'reader-preferring' ? new Party() : this.#readers
  }

  read(options?: WaitOptions): Promise<ReadGuard> {
    return this.#read(callerOf(this.#entrances, 'read'), options)
  }

  upgradable(options?: WaitOptions): Promise<UpgradableGuard> {
    const place = callerOf(this.#entrances, 'upgradable')
    return this.#acquire({
      action: ACTIONS.upgradable,
      kind: 'upgradable',
      place,
      options,
      ask: () => this.#lock.upgradable(options),
      watched: (guard) => this.#watchedUpgradable(guard, place),
    })
  }

  write(options?: WaitOptions): Promise<WriteGuard> {
    return this.#write(callerOf(this.#entrances, 'write'), options)
  }

  tryRead(): ReadGuard | undefined {
    const guard = this.#lock.tryRead()
    const place = callerOf(this.#entrances, 'tryRead')
    return guard && new WatchedRead(guard, new Hold('read', place, this.#holds))
  }

  tryUpgradable(): UpgradableGuard | undefined {
    const guard = this.#lock.tryUpgradable()
    return guard && this.#watchedUpgradable(guard, callerOf(this.#entrances, 'tryUpgradable'))
  }

  tryWrite(): WriteGuard | undefined {
    const guard = this.#lock.tryWrite()
    const place = callerOf(this.#entrances, 'tryWrite')
    return guard && new WatchedWrite(guard, new Hold('write', place, this.#holds))
  }

  runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    const place = callerOf(this.#entrances, 'runRead')
    const held = { kind: 'read', place, party: this.#readers } as const
    return this.#run(fn, held, options, () => this.#read(place, options))
  }

  runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    const place = callerOf(this.#entrances, 'runWrite')
    const held = { kind: 'write', place, party: this.#writers } as const
    return this.#run(fn, held, options, () => this.#write(place, options))
  }

  stats(): RwLockStats {
    return this.#lock.stats()
  }

  async #run<T>(
    fn: () => T | PromiseLike<T>,
    held: Pick<Held, 'kind' | 'place' | 'party'>,
    options: WaitOptions | undefined,
    acquire: () => Promise<Disposable>,
  ): Promise<T> {
    requireFunction('fn', fn)
    const isLinked = mayWait(options) && this.#blocking(held.kind).includes(held.party)
    const run = new Run({ ...held, lock: this, isLinked })
    return await runHolding(() => run.call(fn), acquire)
  }

  #read(place: Place, options: WaitOptions | undefined): Promise<ReadGuard> {
    return this.#acquire({
      action: ACTIONS.read,
      kind: 'read',
      place,
      options,
      ask: () => this.#lock.read(options),
      watched: (guard) => new WatchedRead(guard, new Hold('read', place, this.#holds)),
    })
  }

  #write(place: Place, options: WaitOptions | undefined): Promise<WriteGuard> {
    return this.#acquire({
      action: ACTIONS.write,
      kind: 'write',
      place,
      options,
      ask: () => this.#lock.write(options),
      watched: (guard) => new WatchedWrite(guard, new Hold('write', place, this.#holds)),
    })
  }

  #watchedUpgradable(guard: UpgradableGuard, place: Place): UpgradableGuard {
    const hold = new Hold('upgradable', place, this.#holds)
    return new WatchedUpgradable(guard, hold, (upgradePlace, options) =>
      this.#acquire({
        action: ACTIONS.upgrade,
        kind: 'write',
        place: upgradePlace,
        options,
        upgraded: hold,
        ask: () => guard.upgrade(options),
        watched: (writing) => new WatchedWrite(writing, hold.become('write', upgradePlace)),
      }),
    )
  }

  /**
   * Whoever is let in is noted as soon as the promise tells, one `await` after the fact, and so is
   * who was in the way of a wait that failed. One more `await` in either, and they would disagree.
   */
  async #acquire<Guard>(wish: Wish<Guard>): Promise<Guard> {
    checkWaitOptions(wish.options)
    if (mayWait(wish.options) && wish.upgraded?.isHeld !== false) this.#refuseDeadlock(wish)
    try {
      return wish.watched(await wish.ask())
    } catch (error) {
      throw this.#explained(error, wish)
    }
  }

  #refuseDeadlock({ action, kind, place }: Wish<unknown>): void {
    const all = Run.heldHere()
    const blocking = this.#blocking(kind)
    const own = all.find(({ lock }) => lock === this)
    if (own === undefined) {
      const cause = noteWaits(lastUnlinked(all), blocking, place)
      if (cause === undefined) return
      throw new BrokenError(action, 'two locks are taken in both orders', { cause })
    }
    // Among readers that no writer keeps out, one more gets in at once.
    if (!blocking.includes(own.party)) return
    const problem = 'the code that asks holds the lock itself, and may wait for itself'
    throw new BrokenError(action, problem, { cause: takenAt(own.kind, own.place) })
  }

  /**
   * For whom one may have to wait. An upgradable may do so for readers under any policy: for another
   * upgradable, which upgrades and waits for them.
   */
  #blocking(kind: HoldKind): readonly Party[] {
    return kind === 'read' ? [this.#writers] : [this.#readers, this.#writers]
  }

  #explained(error: unknown, { action, options, upgraded }: Wish<unknown>): unknown {
    if (!(error instanceof TimeoutError) || error === options?.signal?.reason) return error
    const cause = inTheWay(this.#holds, upgraded)
    return cause === undefined ? error : new TimeoutError(action, error.timeout, { cause })
  }
}

/** What cannot wait cannot wait for ever. */
function mayWait(options: WaitOptions | undefined): boolean {
  return options?.timeout !== 0 && options?.signal?.aborted !== true
}

/** The latest, as far as none of them is known to wait for the next one; the others wait for these. */
function lastUnlinked(all: readonly Held[]): readonly Party[] {
  const linked = all.findIndex(({ isLinked }) => isLinked)
  return all.slice(0, linked === -1 ? all.length : linked + 1).map(({ party }) => party)
}
