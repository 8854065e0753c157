import { kindOf } from '@cupola/core/authoring'
import { PooledBuffer } from './pooled-buffer.ts'

/**
 * Checks what a caller gives back.
 *
 * @param verb - What was asked for; completes "Cannot … a buffer".
 * @param buffer - What the caller passed.
 * @throws TypeError If it is not a `PooledBuffer` at all.
 */
export function requireBuffer(verb: string, buffer: unknown): void {
  if (buffer instanceof PooledBuffer) return
  throw new TypeError(`Cannot ${verb} a buffer: got ${kindOf(buffer)}, expected a PooledBuffer`)
}
