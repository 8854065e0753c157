import type { Transferable } from 'node:worker_threads'
import { detailsOf } from './call-details.ts'
import type { Call } from './call.ts'
import type { FunctionTable } from './function-table.ts'
import type { CallBatch } from './messages.ts'

/**
 * Puts calls into the columns of one message.
 *
 * @param first - The number of the first of them.
 */
export function packCalls(
  calls: readonly Call[],
  first: number,
  functions: FunctionTable,
): { readonly batch: CallBatch; readonly transfer: readonly Transferable[] } {
  const codes: number[] = []
  const counts: number[] = []
  const args: unknown[] = []
  const transfer: Transferable[] = []
  for (const call of calls) {
    const { request } = call
    codes.push(functions.codeOf(call))
    counts.push(request.args.length)
    // One by one: most have few, and to spread an array of any length is to risk the stack.
    for (const arg of request.args) args.push(arg)
    for (const part of request.transfer) transfer.push(part)
  }
  const batch = { first, codes, counts: uniform(counts), args }
  const details = detailsOf(calls)
  return { batch: details === undefined ? batch : { ...batch, details }, transfer }
}

/** The one number, if all are the same: arrays are what a message is made of. */
function uniform(counts: readonly number[]): number | readonly number[] {
  const [one = 0] = counts
  return counts.every((count) => count === one) ? one : counts
}
