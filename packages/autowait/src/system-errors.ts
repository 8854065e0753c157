import { type Look, type LookContext, notMet } from './condition.ts'

/** What the system says of a file or a process that is not there. */
const ABSENCE = ['ENOENT', 'ENOTDIR', 'ESRCH']

/** What it says of one that belongs to somebody else. */
const REFUSAL = ['EACCES', 'EPERM']

/** An error of a call to the system, which may well succeed the next time. */
export interface SystemError extends Error {
  readonly code: string
  readonly path?: string | undefined
}

/** Tells what the system refused from what somebody's code has thrown. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'errno' in error && 'syscall' in error
}

/**
 * Whether an error says that there is nothing. Any other says that the system did not tell, for want
 * of a right or of a descriptor: what is waited for to end may well go on.
 */
export function isAbsence(error: unknown): boolean {
  return isSystemError(error) && ABSENCE.includes(error.code)
}

/** Makes "there is nothing" of an error that says so; throws any other. */
export function absentAs<Nothing>(nothing: Nothing): (error: unknown) => Nothing {
  return (error) => {
    if (isAbsence(error)) return nothing
    throw error
  }
}

/** The same for what may also belong to somebody else, who keeps it from us. */
export function hiddenAs<Nothing>(nothing: Nothing): (error: unknown) => Nothing {
  return (error) => {
    if (isSystemError(error) && [...ABSENCE, ...REFUSAL].includes(error.code)) return nothing
    throw error
  }
}

/** A look that answers "not met" when the system does not tell, and says why: the next one may. */
export function orCannotTell<Result>(
  look: (context: LookContext) => Promise<Look<Result>>,
): (context: LookContext) => Promise<Look<Result>> {
  return async (context) => {
    try {
      return await look(context)
    } catch (cause) {
      if (!isSystemError(cause)) throw cause
      return notMet(`the system does not tell, ${cause.message}`, { cause })
    }
  }
}
