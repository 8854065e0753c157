import { requireFunction, requireObject } from '@cupola/core/authoring'
import { requireMethod } from './checks.ts'
import type { Journal } from './journal.ts'
import type { JournalRecord } from './journal-record.ts'

/** How a state follows from what is in a journal. Each function may change the state that it is given. */
export interface Folding<S> {
  /**
   * The state once a piece of the snapshot has been added to it.
   *
   * @defaultValue none: the journal must not have snapshots then
   */
  readonly entry?: ((state: S, entry: Uint8Array) => S) | undefined
  /** The state once a record has been applied to it. */
  readonly record: (state: S, record: JournalRecord) => S
}

/** A state, and how far it goes. */
export interface Folded<S> {
  readonly state: S
  /** The last record that it includes, which is what `Journal.snapshot()` asks for; `0n` if there is none. */
  readonly id: bigint
}

/**
 * Computes what a journal's records come to: begins with the newest snapshot, if there is one, and applies
 * the records since.
 *
 * Cost: reads the snapshot twice, for it is checked first, and the records since.
 *
 * @param journal - Whose records. Only those that are on disk count.
 * @param initial - The state before all.
 * @param folding - How the state goes on.
 * @returns The state, and the last record that it includes.
 * @throws TypeError If there is a snapshot, and no `folding.entry`.
 * @throws As `Journal.latestSnapshot()`, `Journal.read()` and the functions do.
 *
 * @example Count
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { foldJournal, Journal } from '@cupola/journal'
 *
 * const journal = await Journal.open(await mkdtemp(join(tmpdir(), 'visits-')))
 * for (const by of [2, 3]) await journal.append({ payload: Buffer.from([by]) })
 *
 * const visits = await foldJournal(journal, 0, {
 *   record: (sum, { payload }) => sum + (payload[0] ?? 0),
 * })
 * visits // => { state: 5, id: 2n }
 * await journal.close()
 * ```
 */
export async function foldJournal<S>(
  journal: Journal,
  initial: S,
  folding: Folding<S>,
): Promise<Folded<S>> {
  requireMethod(journal, 'latestSnapshot')
  requireObject('folding', folding)
  const { entry, record } = folding
  if (entry !== undefined) requireFunction('folding.entry', entry)
  requireFunction('folding.record', record)
  let state = initial
  let id = 0n
  const snapshot = await journal.latestSnapshot()
  if (snapshot !== undefined) {
    if (entry === undefined) {
      throw new TypeError('Cannot fold the journal: it has a snapshot, expected folding.entry')
    }
    for await (const piece of snapshot.entries()) state = entry(state, piece)
    id = snapshot.id
  }
  for await (const next of journal.read(snapshot && { from: id + 1n })) {
    state = record(state, next)
    id = next.id
  }
  return { state, id }
}
