import type { LinkedList, Waiter } from '@cupola/core/authoring'
import type { HeldUpgradable, ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'

/** The names of all {@link policies}. */
export const POLICY_NAMES = [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
] as const

/** Who goes first when readers and writers want in: {@link RwLockOptions.policy}. */
export type RwLockPolicy = (typeof POLICY_NAMES)[number]

/** When somebody came: the less, the earlier. */
export type Arrival = number

/** Those who wait, each kind in a queue of its own, in the order they came. */
export interface Waiting {
  readonly readers: LinkedList<Waiter<ReadGuard, Arrival>>
  readonly upgradables: LinkedList<Waiter<UpgradableGuard, Arrival>>
  readonly writers: LinkedList<Waiter<WriteGuard, Arrival>>
  /** The upgrades of the one upgradable guard that is inside. */
  readonly upgrades: LinkedList<Waiter<WriteGuard, HeldUpgradable>>
}

/** The writer that has just left, or become a reader: whether it had come in as a writer. */
export type Written = 'entered' | 'upgraded'

/**
 * Rules of precedence. Whether somebody would fit in beside those who are inside is not its
 * business, and neither are upgrades: they come in as soon as they fit.
 *
 * Writers are never held back, for what they need is that nobody is inside, and then nobody waits.
 */
export interface Policy {
  /** Whether one who comes now, only to read, has to wait though there is room. */
  holdsBack(waiting: Waiting): boolean
  /**
   * Whose turn it is, while no writer is inside. It is asked again after each that came in; if
   * there is no room for the one it names, nobody else comes in.
   *
   * @param written - The writer that made room, if it was one.
   */
  next(waiting: Waiting, written: Written | undefined): 'reader' | 'upgradable' | 'writer'
}

/**
 * Phases of reading and of writing take turns as long as somebody waits for either: Brandenburg and
 * Anderson, "Reader-Writer Synchronization for Shared-Memory Multiprocessor Real-Time Systems",
 * 2009. A reader waits for one phase of each kind at most, however many writers there are.
 *
 * Upgrades are not in the paper. They write between two phases; if another upgradable could come in
 * after each of them, upgrades alone could keep the writers out.
 */
const phaseFair: Policy = {
  holdsBack: someoneWantsToWrite,
  next(waiting, written) {
    if (written === undefined && someoneWantsToWrite(waiting)) return 'writer'
    if (waiting.readers.size > 0) return 'reader'
    if (written === 'upgraded' && waiting.writers.size > 0) return 'writer'
    return waiting.upgradables.size > 0 ? 'upgradable' : 'writer'
  },
}

/** Nobody overtakes anybody but upgrades; neighbors that only read come in together. */
const fifo: Policy = {
  holdsBack: someoneWaits,
  next({ readers, upgradables, writers, upgrades }) {
    // Readers would fit in beside the upgradable guard, and so overtake its upgrade.
    if (upgrades.size > 0) return 'writer'
    const reader = readers.first?.detail ?? Infinity
    const upgradable = upgradables.first?.detail ?? Infinity
    const writer = writers.first?.detail ?? Infinity
    if (writer < reader && writer < upgradable) return 'writer'
    return reader < upgradable ? 'reader' : 'upgradable'
  },
}

/** Whoever reads waits until nobody wants to write. Writers can keep readers out for ever. */
const writerPreferring: Policy = {
  holdsBack: someoneWantsToWrite,
  next(waiting) {
    if (someoneWantsToWrite(waiting)) return 'writer'
    return waiting.readers.size > 0 ? 'reader' : 'upgradable'
  },
}

/** Whoever writes waits until nobody wants to read. Readers can keep writers out for ever. */
const readerPreferring: Policy = {
  holdsBack: () => false,
  next({ readers, upgradables }) {
    if (readers.size > 0) return 'reader'
    return upgradables.size > 0 ? 'upgradable' : 'writer'
  },
}

export const policies: Readonly<Record<RwLockPolicy, Policy>> = {
  'phase-fair': phaseFair,
  fifo,
  'writer-preferring': writerPreferring,
  'reader-preferring': readerPreferring,
}

function someoneWantsToWrite({ writers, upgrades }: Waiting): boolean {
  return writers.size > 0 || upgrades.size > 0
}

function someoneWaits(waiting: Waiting): boolean {
  return someoneWantsToWrite(waiting) || waiting.readers.size > 0 || waiting.upgradables.size > 0
}
