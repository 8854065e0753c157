import { requireText } from './require-text.ts'

/**
 * Checks the name of a device.
 *
 * @throws TypeError If it is no text, or empty.
 */
export function requireKey(key: string): void {
  requireText('key', key)
  if (key === '') throw new TypeError('Cannot use key: it is empty')
}
