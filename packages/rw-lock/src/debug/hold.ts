import type { LockOrder } from './lock-order.ts'

export type HoldKind = 'read' | 'upgradable' | 'write'

/** A guard of a lock that is debugged: asked for, then held, then over. */
export class Hold {
  readonly order: LockOrder
  kind: HoldKind
  readonly #among: Set<Hold>
  readonly #stack: string

  /**
   * @param order - Whose guard it is.
   * @param among - Those of the same lock that are held.
   */
  constructor(order: LockOrder, kind: HoldKind, among: Set<Hold>) {
    this.order = order
    this.kind = kind
    this.#among = among
    this.#stack = stackHere()
  }

  get isHeld(): boolean {
    return this.#among.has(this)
  }

  begin(): void {
    this.#among.add(this)
  }

  end(): void {
    this.#among.delete(this)
  }

  /** Says where it was asked for. */
  toError(): Error {
    return errorAt(`Held (${this.kind}), taken here`, this.#stack)
  }
}

/** How many functions of this package may stand between an error and the one who called it. */
const OWN_FRAMES = 10

/** Where this was called, as text at once: a stack that V8 has not written out keeps objects alive. */
export function stackHere(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = stackTraceLimit + OWN_FRAMES
  try {
    return new Error('here').stack ?? ''
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** An error as if it had been made where `stack` was. */
export function errorAt(message: string, stack: string): Error {
  const error = new Error(message)
  error.stack = stack.replace(/^.*/, `Error: ${message}`)
  return error
}
