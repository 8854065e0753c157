// Checked by the compiler alone: each line compiles, or does not where it says so.
import {
  type BrokenError,
  type ClosedError,
  CupolaError,
  FullError,
  InterruptedError,
  type InvariantError,
  TimeoutError,
} from '@cupola/core'

type Failure =
  | BrokenError
  | ClosedError
  | FullError<string>
  | InterruptedError
  | InvariantError
  | TimeoutError

// The code tells the classes apart, and nothing is left when all are told.
export function told(failure: Failure): string | number {
  switch (failure.code) {
    case 'ERR_TIMEOUT':
      return failure.timeout
    case 'ERR_FULL':
      return failure.refused
    case 'ERR_INTERRUPTED':
      return failure.stage satisfies 'queued' | 'signal' | 'checkpoint' | 'execution' | 'thread'
    case 'ERR_BROKEN':
    case 'ERR_CLOSED':
    case 'ERR_INVARIANT':
      return failure.message
    default:
      return failure satisfies never
  }
}

const full: FullError<Date> = new FullError('put the date', 'it is full', new Date())
full.refused.toISOString()
void ('ERR_TIMEOUT' satisfies TimeoutError['code'])

// @ts-expect-error -- the base is for instanceof, not for new
void new CupolaError('something failed')
// @ts-expect-error -- a code is not to be changed
full.code = 'ERR_OTHER'
// @ts-expect-error -- there is no such stage
void new InterruptedError('finish', 'asked nicely')
// @ts-expect-error -- the limit is a number
void new TimeoutError('wait', '5')
