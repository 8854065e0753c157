/**
 * Says what the package is called, until it has something better to do.
 *
 * @returns The name to import it by.
 *
 * @example Ask for it
 * ```ts
 * import { nameOfPackage } from '@cupola/__name__'
 *
 * nameOfPackage() // => '@cupola/__name__'
 * ```
 */
export function nameOfPackage(): string {
  return '@cupola/__name__'
}
