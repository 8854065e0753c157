/** Whether a buffer has been moved elsewhere. Node 20 would send an empty one, without a word. */
export function isDetached(value: unknown): boolean {
  if (!(value instanceof ArrayBuffer) || value.byteLength > 0) return false
  try {
    Reflect.construct(Uint8Array, [value])
    return false
  } catch {
    return true
  }
}

/** As newer Nodes throw it. */
export function detachedError(action: string): DOMException {
  const problem = 'a buffer to be moved has been moved elsewhere'
  return new DOMException(`Cannot ${action}: ${problem}`, 'DataCloneError')
}
