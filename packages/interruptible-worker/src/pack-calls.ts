import type { Transferable } from 'node:worker_threads'
import { detailsOf } from './call-details.ts'
import type { Call } from './call.ts'
import { columnOf } from './column.ts'
import type { FunctionTable } from './function-table.ts'
import type { CallBatch } from './messages.ts'
import { packTable } from './table.ts'

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
  const details = detailsOf(calls)
  const packed = packTable(args)
  const columns = [first, calls.length, columnOf(codes), columnOf(counts), packed] as const
  return { batch: details === undefined ? columns : [...columns, details], transfer }
}
