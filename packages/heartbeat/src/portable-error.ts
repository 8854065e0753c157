/** An error as text. Another thread is sent errors without their name and code, which callers branch on. */
export interface PortableError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: unknown
  readonly cause: PortableError | undefined
}

/** Causes of causes of causes: whatever comes behind is left out, and so is a cause of itself. */
const DEEPEST = 8

/** To be sent to another thread. What is no error becomes one. */
export function packError(error: unknown, levels: number = DEEPEST): PortableError {
  if (!(error instanceof Error)) return packError(new Error(String(error)))
  const { name, message, stack, cause } = error
  const code: unknown = 'code' in error ? error.code : undefined
  return {
    name,
    message,
    stack,
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    cause: cause instanceof Error && levels > 1 ? packError(cause, levels - 1) : undefined,
  }
}

/** The error that was packed, as an `Error` of that name and code; its class stays in the other thread. */
export function unpackError({ name, message, stack, code, cause }: PortableError): Error {
  const error = new Error(message, cause && { cause: unpackError(cause) })
  const own = code === undefined ? { name, stack } : { name, stack, code }
  for (const [key, value] of Object.entries(own)) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true })
  }
  return error
}
