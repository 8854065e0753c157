import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A library of somebody else, as it is installed where the comparison runs. */
export interface Rival {
  readonly version: string
  /** What it exports. Only a run of the contract tells whether it is what is needed. */
  readonly exports: Readonly<Record<string, unknown>>
}

/**
 * Loads a library from a folder's `node_modules`, or from those above it. They are no dependencies of
 * this package, not even optional ones: who wants to compare them has them, in a version of their own.
 *
 * @returns Nothing if it is not installed there.
 */
export async function loadRival(name: string, folder: string): Promise<Rival | undefined> {
  const require = createRequire(resolve(folder, 'package.json'))
  const version = await installedVersion(require.resolve.paths(name) ?? [], name)
  if (version === undefined) return undefined
  return { version, exports: await import(pathToFileURL(require.resolve(name)).href) }
}

/**
 * One of a library's exports, as what it is documented to be. If it is not, the first turn fails, and the
 * findings say so.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what is expected
export function exported<Export>({ exports }: Rival, name: string): Export {
  // Not all that a CommonJS module exports is among the names of its namespace.
  const { default: whole } = exports
  const isModule = typeof whole === 'object' || typeof whole === 'function'
  const found: unknown = exports[name] ?? (isModule && whole !== null && Reflect.get(whole, name))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the boundary to the libraries
  return found as Export
}

/** From the manifest itself, which not every package exports. */
async function installedVersion(
  places: readonly string[],
  name: string,
): Promise<string | undefined> {
  for (const place of places) {
    try {
      const text = await readFile(join(place, name, 'package.json'), 'utf8')
      const manifest: { readonly version: string } = JSON.parse(text)
      return manifest.version
    } catch {
      // Not in this one.
    }
  }
  return undefined
}

/** Those that are installed, by name. */
export type Rivals = ReadonlyMap<string, Rival>

/**
 * Loads the libraries that are installed, one after the other.
 *
 * @param onBroken - Hears of one that cannot be loaded: because it wants another Node.js, say. Without it,
 *   the call rejects with the reason.
 */
export async function loadRivals(
  names: readonly string[],
  folder: string,
  onBroken?: (name: string, reason: unknown) => void,
): Promise<Rivals> {
  const rivals = new Map<string, Rival>()
  for (const name of names) {
    try {
      const rival = await loadRival(name, folder)
      if (rival !== undefined) rivals.set(name, rival)
    } catch (error) {
      if (onBroken === undefined) throw error
      onBroken(name, error)
    }
  }
  return rivals
}

/** The contestants of a library: none, if it is not there. */
export function ifInstalled<Contestant>(
  rivals: Rivals,
  name: string,
  contestants: (rival: Rival) => Readonly<Record<string, Contestant>>,
): Readonly<Record<string, Contestant>> {
  const rival = rivals.get(name)
  return rival === undefined ? {} : contestants(rival)
}
