export { nextNumber, randomString, reseed, uniqueName, uuidv7 } from './defaults.ts'
export type { FillRandom } from './entropy-pool.ts'
export { parseUniqueName, type UniqueNameParts } from './name-format.ts'
export {
  type BlockOptions,
  NumberSequence,
  type NumberSequenceHandle,
  type NumberSequenceOptions,
} from './number-sequence.ts'
export { RandomStrings, type RandomStringsOptions } from './random-strings.ts'
export { UniqueNames, type UniqueNamesOptions } from './unique-names.ts'
export type { UuidV7Parts } from './uuid-format.ts'
export { UuidV7, type UuidV7Options } from './uuid-v7.ts'
