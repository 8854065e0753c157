import { requireString } from '@cupola/core/authoring'

/**
 * Checks the key of a device.
 *
 * @throws TypeError If it is not a string, or empty.
 */
export function requireKey(key: string): void {
  if (requireString('key', key) !== '') return
  throw new TypeError('Cannot use key: got "", expected a string that is not empty')
}
