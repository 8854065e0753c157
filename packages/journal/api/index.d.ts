// index.d.ts
export { type DirectoryLock, type FileSystem, type StoredFile } from './file-system.ts'
export { foldJournal, type Folded, type Folding } from './fold.ts'
export { Journal } from './journal.ts'
export type { JournalOptions } from './journal-options.ts'
export type { JournalRecord, NewRecord, RecordMode } from './journal-record.ts'
export type { ReadOptions } from './log-reader.ts'
export type { SyncPolicy } from './log-writer.ts'
export type { RecoveryMode } from './recovery.ts'
export type { RemovedPart } from './cut-aside.ts'
export type { Finding, LogReport, SegmentReport } from './log-check.ts'
export type { EntryCodec } from './entry-codec.ts'
export { Store, type StoreOptions } from './store.ts'
export { writeFileAtomic } from '@cupola/core/authoring'
export type { PurgeOptions } from './purge.ts'
export type { Snapshot } from './snapshots.ts'
export type { SnapshotEntries } from './snapshot-writer.ts'
export { type CupLogOptions, type CupRecord, importCupLog, readCupLog } from './cup-log.ts'
export { type InspectOptions, readJournal, verifyJournal } from './inspect.ts'

// cup-log.d.ts
export interface CupRecord {
  readonly id: bigint
  readonly type: number
  readonly mode: RecordMode
  readonly payload: Uint8Array
}
export interface CupLogOptions {
  readonly skipDamaged?: boolean | undefined
  readonly fileSystem?: FileSystem | undefined
}
export declare function readCupLog(
  directory: string,
  options?: CupLogOptions,
): AsyncGenerator<CupRecord, void, undefined>
export declare function importCupLog(
  directory: string,
  journal: Journal,
  options?: CupLogOptions,
): Promise<number>

// cut-aside.d.ts
export interface RemovedPart {
  readonly savedAs: string
  readonly bytes: number
}

// entry-codec.d.ts
export interface EntryCodec<K, V> {
  encode(key: K, value: V | undefined): Uint8Array
  decode(bytes: Uint8Array): readonly [key: K, value: V | undefined]
}

// file-system.d.ts
export interface FileSystem {
  makeDirectory(path: string): Promise<void>
  list(directory: string): Promise<readonly string[]>
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<StoredFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  lock(directory: string): Promise<DirectoryLock>
}
export interface StoredFile {
  size(): Promise<number>
  read(into: Uint8Array, position: number): Promise<number>
  write(bytes: Uint8Array, position: number): Promise<number> | number
  truncate(size: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}
export interface DirectoryLock {
  release(): Promise<void>
}

// fold.d.ts
export interface Folding<S> {
  readonly entry?: ((state: S, entry: Uint8Array) => S) | undefined
  readonly record: (state: S, record: JournalRecord) => S
}
export interface Folded<S> {
  readonly state: S
  readonly id: bigint
}
export declare function foldJournal<S>(
  journal: Journal,
  initial: S,
  folding: Folding<S>,
): Promise<Folded<S>>

// inspect.d.ts
export interface InspectOptions {
  readonly from?: bigint | undefined
  readonly fileSystem?: FileSystem | undefined
}
export declare function readJournal(
  directory: string,
  options?: InspectOptions,
): AsyncGenerator<JournalRecord, void, undefined>
export declare function verifyJournal(
  directory: string,
  options?: Pick<InspectOptions, 'fileSystem'>,
): Promise<LogReport>

// journal-options.d.ts
import { type Clock } from '@cupola/core'
export interface JournalOptions {
  readonly sync?: SyncPolicy | undefined
  readonly segmentBytes?: number | undefined
  readonly segmentAgeMs?: number | undefined
  readonly recovery?: RecoveryMode | undefined
  readonly maxPayloadBytes?: number | undefined
  readonly maxWaitingBytes?: number | undefined
  readonly firstId?: bigint | undefined
  readonly clock?: Clock | undefined
  readonly fileSystem?: FileSystem | undefined
}

// journal-record.d.ts
export type RecordMode = 'add' | 'set' | 'delete' | number
export interface NewRecord {
  readonly payload: Uint8Array
  readonly type?: number | undefined
  readonly mode?: RecordMode | undefined
}
export interface JournalRecord {
  readonly id: bigint
  readonly type: number
  readonly mode: RecordMode
  readonly payload: Uint8Array
}

// journal.d.ts
export declare class Journal implements AsyncDisposable {
  #private
  readonly removed: readonly RemovedPart[]
  private constructor()
  static open(directory: string, options?: JournalOptions): Promise<Journal>
  get durableId(): bigint
  get closed(): boolean
  get broken(): boolean
  get waitingBytes(): number
  append(record: NewRecord): Promise<bigint>
  appendMany(records: Iterable<NewRecord>): Promise<bigint[]>
  sync(): Promise<void>
  read(options?: ReadOptions): AsyncGenerator<JournalRecord, void, undefined>
  snapshot(id: bigint, entries: SnapshotEntries): Promise<void>
  latestSnapshot(): Promise<Snapshot | undefined>
  purge(options: PurgeOptions): Promise<number>
  verify(): Promise<LogReport>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// log-check.d.ts
export interface Finding {
  readonly kind: 'torn' | 'damaged' | 'missing' | 'salvaged'
  readonly id: bigint
  readonly path: string
  readonly offset: number
  readonly bytes: number
  readonly problem: string
}
export interface SegmentReport {
  readonly path: string
  readonly firstId: bigint
  readonly records: number
  readonly bytes: number
}
export interface LogReport {
  readonly segments: readonly SegmentReport[]
  readonly findings: readonly Finding[]
}

// log-reader.d.ts
export interface ReadOptions {
  readonly from?: bigint | undefined
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

// log-writer.d.ts
export type SyncPolicy =
  | 'always'
  | 'os'
  | {
      readonly everyMs: number
    }

// purge.d.ts
export interface PurgeOptions {
  readonly before: bigint
  readonly withoutSnapshot?: boolean | undefined
}

// recovery.d.ts
export type RecoveryMode = 'strict' | 'torn-tail' | 'point-in-time' | 'salvage'

// snapshot-writer.d.ts
export type SnapshotEntries = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

// snapshots.d.ts
export interface Snapshot {
  readonly id: bigint
  entries(): AsyncIterable<Uint8Array>
}

// store.d.ts
export interface StoreOptions<K, V> extends JournalOptions {
  readonly codec?: EntryCodec<K, V> | undefined
  readonly compactAfter?: number | undefined
}
export declare class Store<K, V> implements AsyncDisposable {
  #private
  private constructor()
  static open<K, V>(directory: string, options?: StoreOptions<K, V>): Promise<Store<K, V>>
  get size(): number
  get compactionError(): unknown
  get(key: K): V | undefined
  has(key: K): boolean
  entries(): IterableIterator<[K, V]>
  set(key: K, value: V): Promise<void>
  delete(key: K): Promise<boolean>
  compact(): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
