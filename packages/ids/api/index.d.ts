// index.d.ts
export { CachedIds, type CachedIdsOptions } from './cached-ids.ts'
export {
  type CycleIdEvents,
  CycleIdGenerator,
  type CycleIdOptions,
  type StoredCycleIdOptions,
} from './cycle-id-generator.ts'
export type { CycleId, CycleIdParts } from './cycle-id.ts'
export { nextNumber, randomString, reseed, uniqueName, uuidv7 } from './defaults.ts'
export type { FillRandom } from './entropy-pool.ts'
export {
  FileHighWaterMark,
  type FileHighWaterMarkOptions,
  type MarkFileSystem,
} from './file-high-water-mark.ts'
export type { HighWaterMark } from './high-water-mark.ts'
export { parseUniqueName, type UniqueNameParts } from './name-format.ts'
export {
  type BlockOptions,
  NumberSequence,
  type NumberSequenceHandle,
  type NumberSequenceOptions,
} from './number-sequence.ts'
export { RandomStrings, type RandomStringsOptions } from './random-strings.ts'
export { Snowflake, type SnowflakeOptions, type SnowflakeParts } from './snowflake.ts'
export { UniqueNames, type UniqueNamesOptions } from './unique-names.ts'
export type { UuidV7Parts } from './uuid-format.ts'
export { UuidV7, type UuidV7Options } from './uuid-v7.ts'

// cached-ids.d.ts
export interface CachedIdsOptions {
  readonly capacity?: number | undefined
  readonly lowWater?: number | undefined
  readonly batch?: number | undefined
}
export declare class CachedIds<Id> {
  #private
  constructor(make: () => Id, options?: CachedIdsOptions)
  get size(): number
  next(): Id
  take(count: number): Id[]
  fill(): void
}

// cycle-id-generator.d.ts
import { type Clock, type WaitOptions } from '@cupola/core'
export interface CycleIdOptions {
  readonly address: string
  readonly port: number
  readonly start?: bigint | undefined
  readonly atEnd?: 'wrap' | 'refuse' | undefined
  readonly clock?: Clock | undefined
}
export interface StoredCycleIdOptions extends CycleIdOptions {
  readonly mark: HighWaterMark
  readonly block?: number | undefined
}
export interface CycleIdEvents {
  readonly wrap: {
    readonly address: string
    readonly port: number
  }
}
export declare class CycleIdGenerator {
  #private
  static open(options: StoredCycleIdOptions): Promise<CycleIdGenerator>
  static toHex(id: CycleId, prefix?: '' | '0x'): string
  static toBytes(id: CycleId): Uint8Array
  static toBigInt(id: CycleId): bigint
  static parse(id: CycleId): CycleIdParts
  constructor(options: CycleIdOptions)
  next(): bigint
  acquire(options?: WaitOptions): Promise<bigint>
  on<Name extends keyof CycleIdEvents>(
    name: Name,
    listener: (event: CycleIdEvents[Name]) => void,
  ): Disposable
}

// cycle-id.d.ts
export interface CycleIdParts {
  readonly address: string
  readonly port: number
  readonly counter: bigint
}
export type CycleId = bigint | string | Uint8Array

// defaults.d.ts
export declare function uniqueName(prefix?: string): string
export declare function nextNumber(name?: string): number
export declare function uuidv7(): string
export declare function randomString(length: number, alphabet?: string): string
export declare function reseed(): void

// entropy-pool.d.ts
export type FillRandom = (target: Uint8Array) => void

// file-high-water-mark.d.ts
import { type AtomicFileSystem } from '@cupola/core/authoring'
export interface MarkFileSystem extends AtomicFileSystem {
  readFile(path: string): Promise<Uint8Array>
  readdir(path: string): Promise<readonly string[]>
  readlink(path: string): Promise<string>
}
export interface FileHighWaterMarkOptions {
  readonly fileSystem?: MarkFileSystem | undefined
}
export declare class FileHighWaterMark implements HighWaterMark {
  #private
  constructor(path: string, options?: FileHighWaterMarkOptions)
  read(): Promise<bigint | undefined>
  reserve(upTo: bigint): Promise<void>
}

// high-water-mark.d.ts
export interface HighWaterMark {
  read(): Promise<bigint | undefined>
  reserve(upTo: bigint): Promise<void>
}

// name-format.d.ts
export interface UniqueNameParts {
  readonly prefix: string
  readonly host: string
  readonly pid: number
  readonly thread: number
  readonly nonce: string
  readonly counter: number
}
export declare function parseUniqueName(text: string): UniqueNameParts

// number-sequence.d.ts
export interface BlockOptions {
  readonly block?: number | undefined
}
export interface NumberSequenceOptions extends BlockOptions {
  readonly start?: number | undefined
  readonly step?: number | undefined
  readonly limit?: number | undefined
  readonly cycle?: boolean | undefined
}
export interface NumberSequenceHandle {
  readonly kind: 'NumberSequence'
  readonly count: BigInt64Array
  readonly start: number
  readonly step: number
  readonly limit: number
  readonly cycle: boolean
}
export declare class NumberSequence {
  #private
  static attach(handle: NumberSequenceHandle, options?: BlockOptions): NumberSequence
  static named(name: string, options?: NumberSequenceOptions): NumberSequence
  static toHex(number: number): string
  static parseHex(text: string): number
  readonly handle: NumberSequenceHandle
  constructor(options?: NumberSequenceOptions)
  next(): number
  nextHex(): string
  restart(at?: number): void
}

// random-strings.d.ts
export interface RandomStringsOptions {
  readonly alphabet?: string | undefined
  readonly fillRandom?: FillRandom | undefined
  readonly drawAheadBytes?: number | undefined
}
export declare class RandomStrings {
  #private
  constructor(options?: RandomStringsOptions)
  next(length: number): string
}

// snowflake.d.ts
import { type Clock, type WaitOptions } from '@cupola/core'
export interface SnowflakeOptions {
  readonly node: number
  readonly nodeBits?: number | undefined
  readonly sequenceBits?: number | undefined
  readonly epoch?: number | undefined
  readonly after?: bigint | undefined
  readonly maxAheadMs?: number | undefined
  readonly whenClockStepsBack?: 'go-on' | 'wait' | undefined
  readonly clock?: Clock | undefined
}
export interface SnowflakeParts {
  readonly timestamp: number
  readonly node: number
  readonly sequence: number
}
export declare class Snowflake {
  #private
  constructor(options: SnowflakeOptions)
  next(): bigint
  nextText(): string
  acquire(options?: WaitOptions): Promise<bigint>
  parse(id: bigint | string): SnowflakeParts
}

// unique-names.d.ts
export interface UniqueNamesOptions {
  readonly host?: string | undefined
  readonly pid?: (() => number) | undefined
  readonly thread?: number | undefined
  readonly fillRandom?: FillRandom | undefined
}
export declare class UniqueNames {
  #private
  constructor(options?: UniqueNamesOptions)
  next(prefix?: string): string
}

// uuid-format.d.ts
export interface UuidV7Parts {
  readonly timestamp: number
  readonly randA: number
  readonly randB: bigint
}

// uuid-v7.d.ts
import { type Clock } from '@cupola/core'
export interface UuidV7Options {
  readonly after?: string | undefined
  readonly clock?: Clock | undefined
  readonly fillRandom?: FillRandom | undefined
  readonly drawAhead?: number | undefined
}
export declare class UuidV7 {
  #private
  static parse(text: string): UuidV7Parts
  static format(parts: UuidV7Parts): string
  static compare(one: string, other: string): -1 | 0 | 1
  constructor(options?: UuidV7Options)
  next(): string
  bytes(target?: Uint8Array, offset?: number): Uint8Array
}
