import type { Call } from './call.ts'
import type { CallDetails } from './messages.ts'

/** What calls of a batch have to tell that most have not; `undefined` if none of them has. */
export function detailsOf(
  calls: readonly Call[],
): Readonly<Record<number, CallDetails>> | undefined {
  let details: Record<number, CallDetails> | undefined
  for (let place = 0; place < calls.length; place++) {
    const call = calls[place]
    if (call === undefined || (call.attempt === 1 && call.request.listener === undefined)) continue
    const { attempt, request } = call
    const { hearsProgress = false, credit = 0 } = request.listener ?? {}
    details ??= {}
    details[place] = { attempt, tellsProgress: hearsProgress, credit }
  }
  return details
}
