/**
 * Says what the package is called, until it has something better to do.
 *
 * @returns The name to import it by.
 *
 * @example Ask for it
 * ```ts
 * import { nameOfPackage } from '@cupola/sync'
 *
 * nameOfPackage() // => '@cupola/sync'
 * ```
 */
export function nameOfPackage(): string {
  return '@cupola/sync'
}
