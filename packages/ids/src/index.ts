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
