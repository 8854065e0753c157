import { requirePositive } from './require-positive.ts'

/** What a store grants. */
export interface LeaseGrant<Token> {
  /** The fencing token: a resource refuses whoever comes with a lower one than it has seen. */
  readonly token: Token
  /**
   * How long, if not as long as was asked for.
   *
   * @defaultValue the lease's `ttlMs`
   */
  readonly ttlMs?: number | undefined
}

/** What a store is asked. */
export interface LeaseRequest<Token> {
  /** What is held; `undefined` when a lease is asked for. */
  readonly token: Token | undefined
  /** Aborts when the answer is of no use any more. */
  readonly signal: AbortSignal
}

/** Asks a store for a lease, or to prolong it. `undefined` says that somebody else has it. */
export type RenewLease<Token> = (
  request: LeaseRequest<Token>,
) => Promise<LeaseGrant<Token> | undefined>

/**
 * Checks what a store has answered.
 *
 * @throws TypeError If it is neither a grant nor `undefined`.
 * @throws RangeError If it grants no time, or all the time there is.
 */
export function requireGrant<Token>(
  grant: LeaseGrant<Token> | undefined,
): LeaseGrant<Token> | undefined {
  if (grant === undefined) return undefined
  if (typeof grant !== 'object' || grant === null || grant.token === undefined) {
    throw new TypeError('Cannot use what the store answered: it has no token')
  }
  if (grant.ttlMs !== undefined) requirePositive('ttlMs of the store', grant.ttlMs)
  return grant
}
