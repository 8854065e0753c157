/**
 * Says what the package is called, until it has something better to do.
 *
 * @returns The name to import it by.
 *
 * @example Ask for it
 * ```ts
 * import { nameOfPackage } from '@cupola/shared-sync'
 *
 * nameOfPackage() // => '@cupola/shared-sync'
 * ```
 */
export function nameOfPackage(): string {
  return '@cupola/shared-sync'
}
