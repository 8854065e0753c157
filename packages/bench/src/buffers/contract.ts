import { givesZeros, type Lender } from './lenders.ts'
import type { Cell } from './cell.ts'

/**
 * What every contestant has to do before it is measured, so that nobody wins by doing less: buffers
 * have their size, do not overlap, and are zero where that is promised.
 *
 * @returns What is wrong, if anything.
 */
export function contractProblem(lender: Lender, cell: Cell): string | undefined {
  const { contestant, sizeBytes, alive } = cell
  const views: Uint8Array[] = []
  for (let slot = 0; slot < alive; slot++) {
    const bytes = lender.exchange(slot)
    if (bytes.length !== sizeBytes) return `a buffer of ${bytes.length} bytes, not ${sizeBytes}`
    views.push(bytes.fill(slot + 1))
  }
  for (const [slot, bytes] of views.entries()) {
    const mark = (slot + 1) % 256
    if (bytes[0] !== mark || bytes[sizeBytes - 1] !== mark) return 'two buffers share bytes'
  }
  if (!givesZeros(contestant)) return undefined
  const isZero = lender.exchange(0).every((byte) => byte === 0)
  return isZero ? undefined : 'bytes that are not zero'
}
