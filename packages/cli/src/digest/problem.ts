import { getSystemErrorMap } from 'node:util'
import { hasCode, kindAt, type SkippedKind } from './entry-kind.ts'

/** Why something of the folder is not in the manifest. */
export type Problem =
  | { readonly kind: 'error'; readonly path: string; readonly reason: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly what: SkippedKind }

/** Tells what an error means for an entry: nothing but "skipped" if it turned out to be no file. */
export function problemOf(path: string, error: unknown, at: string | Buffer): Problem {
  if (error instanceof NotAFile) return { kind: 'skipped', path, what: error.what }
  // What opening says of a symbolic link that it must not follow, and of a socket.
  if (hasCode(error, 'ELOOP') || hasCode(error, 'ENXIO')) {
    const what = kindIfAny(at)
    if (what !== undefined) return { kind: 'skipped', path, what }
  }
  return { kind: 'error', path, reason: reasonOf(error) }
}

/** Something else has taken the place of a file. */
export class NotAFile extends Error {
  readonly what: SkippedKind

  constructor(what: SkippedKind) {
    super(`is a ${what}`)
    this.what = what
  }

  override get name(): string {
    return 'NotAFile'
  }
}

/** An error in the system's words ("permission denied"), without the path that Node adds. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0
  return getSystemErrorMap().get(errno)?.[1] ?? error.message
}

function kindIfAny(at: string | Buffer): SkippedKind | undefined {
  try {
    const kind = kindAt(at)
    return kind === 'file' || kind === 'folder' ? undefined : kind
  } catch {
    return undefined
  }
}
