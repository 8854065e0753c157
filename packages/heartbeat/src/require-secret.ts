/**
 * Checks a secret, which must not be empty: an empty one signs, and keeps nobody out.
 *
 * @throws TypeError If it is neither text nor bytes.
 * @throws RangeError If it is empty.
 */
export function requireSecret(secret: string | Uint8Array | undefined): void {
  if (secret === undefined) return
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw new TypeError(`Cannot use secret: got ${typeof secret}, expected text or bytes`)
  }
  if (secret.length === 0)
    throw new RangeError('Cannot use secret: it is empty, expected a byte or more')
}
