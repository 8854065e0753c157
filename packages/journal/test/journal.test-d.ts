// Checked by the compiler alone: each line compiles, or does not where it says so.
import {
  type EntryCodec,
  foldJournal,
  Journal,
  type JournalRecord,
  type RecordMode,
  Store,
  type SyncPolicy,
  writeFileAtomic,
} from '@cupola/journal'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

declare const journal: Journal
declare const store: Store<string, { visits: number }>
declare const codec: EntryCodec<number, string>
declare const bytes: Uint8Array

const id = journal.append({ payload: bytes })
same<typeof id, Promise<bigint>>(true)
const ids = journal.appendMany(new Set([{ payload: bytes, mode: 'set', type: 1 }] as const))
same<typeof ids, Promise<bigint[]>>(true)
const records = journal.read({ from: 1n })
same<typeof records, AsyncGenerator<JournalRecord, void, undefined>>(true)
const value = store.get('Ada')
same<typeof value, { visits: number } | undefined>(true)
const coded = Store.open('directory', { codec })
same<typeof coded, Promise<Store<number, string>>>(true)
const folded = foldJournal(journal, new Set<RecordMode>(), {
  record: (modes, { mode }) => modes.add(mode),
})
same<Awaited<typeof folded>['state'], Set<RecordMode>>(true)
void writeFileAtomic('file', 'text')

// Options may be forwarded as they came, `undefined` included.
declare const undefinedPolicy: SyncPolicy | undefined
void Journal.open('directory', { sync: undefinedPolicy, recovery: undefined, firstId: undefined })
void journal.read({ from: undefined, follow: undefined, signal: undefined })

// @ts-expect-error an id is a bigint
void journal.read({ from: 1 })
// @ts-expect-error a payload is bytes
void journal.append({ payload: 'text' })
// @ts-expect-error a mode has one of three names, or a number
void journal.append({ payload: bytes, mode: 'replace' })
// @ts-expect-error where to stop has to be said
void journal.purge({})
// @ts-expect-error there is no such mode of recovery
void Journal.open('directory', { recovery: 'lenient' })
// @ts-expect-error an interval says how long
void Journal.open('directory', { sync: {} })
// @ts-expect-error a store has values of one type
void store.set('Ada', 5)
// @ts-expect-error a record says how the state goes on
void foldJournal(journal, 0, {})
// @ts-expect-error one is opened, not constructed
void new Journal()
