import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { CALLS_AHEAD, Claims } from '../src/claims.ts'
import { BEGUN, type ClaimRace, FINISHED, TAKEN_BACK } from './fixtures/claim-race.ts'

/** What may have become of a call, in the end. */
const OUTCOMES = new Set([BEGUN | FINISHED, TAKEN_BACK])

/**
 * The pool's side against that of a real thread: offers as many calls as a thread may have ahead,
 * wants some of them back, and waits for the thread to finish the others. It does not wait for the
 * thread to come to those it got back, so their places are used again before that.
 */
function race({ claims: buffer, offered, notes, numbers, first }: ClaimRace): void {
  const claims = new Claims(buffer)
  const count = new Int32Array(offered)
  const became = new Uint8Array(notes)
  for (let start = 0; start < numbers; start += CALLS_AHEAD) {
    for (let index = start; index < start + CALLS_AHEAD; index++) claims.offer(first + index)
    Atomics.store(count, 0, start + CALLS_AHEAD)
    for (let index = start + CALLS_AHEAD - 1; index >= start; index--) {
      if (wants(index) && claims.takeBack(first + index)) Atomics.or(became, index, TAKEN_BACK)
    }
    for (let index = start; index < start + CALLS_AHEAD; index++) {
      if (!waitFor(() => (Atomics.load(became, index) & (TAKEN_BACK | FINISHED)) !== 0)) return
    }
  }
}

/** Now all, now a few, now none. */
function wants(index: number): boolean {
  const window = Math.floor(index / CALLS_AHEAD)
  return window % 3 === 0 || (window % 3 === 1 && (index * 2654435761) % 5 < 2)
}

/** A broken claim may leave a call to nobody: that is a result, not a reason to wait for ever. */
function waitFor(isSo: () => boolean): boolean {
  for (let spins = 0; spins < 50_000_000; spins++) if (isSo()) return true
  return false
}

describe('Claims between two threads', () => {
  it.each([{ first: 0 }, { first: 2 ** 30 - 64 * 150 }, { first: 2 ** 31 - 64 * 150 }])(
    'give each of 19,200 calls from number $first on to one of them',
    async ({ first }) => {
      const numbers = CALLS_AHEAD * 300
      const shared: ClaimRace = {
        claims: new Claims().buffer,
        offered: new SharedArrayBuffer(4),
        notes: new SharedArrayBuffer(numbers),
        numbers,
        first,
      }
      const thread = new Worker(new URL('./fixtures/claims-worker.ts', import.meta.url), {
        workerData: shared,
      })
      await once(thread, 'online')

      race(shared)
      // All were offered, unless the race was given up.
      const gaveUp = Atomics.load(new Int32Array(shared.offered), 0) < numbers
      if (gaveUp) Atomics.store(new Int32Array(shared.offered), 0, -1)
      await once(thread, 'exit')

      const became = [...new Uint8Array(shared.notes)]
      const wrong = became.flatMap((note, index) => (OUTCOMES.has(note) ? [] : [{ index, note }]))
      expect(wrong).toEqual([])
      expect(became).toContain(TAKEN_BACK)
      expect(became).toContain(BEGUN | FINISHED)
    },
  )
})
