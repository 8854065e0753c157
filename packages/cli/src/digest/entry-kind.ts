import { lstatSync, statSync } from 'node:fs'

/** What is not a file and not a folder, and is therefore skipped. */
export type SkippedKind =
  | 'symbolic link'
  | 'broken symbolic link'
  | 'symbolic link loop'
  | 'FIFO'
  | 'socket'
  | 'character device'
  | 'block device'

/** What a folder can hold. */
export type EntryKind = 'file' | 'folder' | SkippedKind

/** What `Stats`, `BigIntStats` and `Dirent` have in common. */
export interface Typed {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
  isFIFO(): boolean
  isSocket(): boolean
  isCharacterDevice(): boolean
  isBlockDevice(): boolean
}

/** Tells what an entry is. Does not look where a link leads. */
export function kindOf(entry: Typed): EntryKind {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (entry.isSymbolicLink()) return 'symbolic link'
  if (entry.isFIFO()) return 'FIFO'
  if (entry.isSocket()) return 'socket'
  return entry.isCharacterDevice() ? 'character device' : 'block device'
}

/** Tells what is at a path now, and of a link whether it leads anywhere. */
export function kindAt(path: string | Buffer): EntryKind {
  const kind = kindOf(lstatSync(path))
  return kind === 'symbolic link' ? kindOfLink(path) : kind
}

/** Tells a symbolic link that leads somewhere from those that do not. */
export function kindOfLink(path: string | Buffer): SkippedKind {
  try {
    statSync(path)
  } catch (error) {
    if (hasCode(error, 'ELOOP')) return 'symbolic link loop'
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return 'broken symbolic link'
    // Permission is missing on the way, say. It is a link all the same.
  }
  return 'symbolic link'
}

/** Whether the system failed for that reason. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
