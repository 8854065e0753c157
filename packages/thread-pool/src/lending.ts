import type { Clock, Timer } from '@cupola/core'
import type { Call, WorkerThread } from '@cupola/interruptible-worker/authoring'
import type { Roster } from './roster.ts'

/**
 * A thread that has not answered for so long is inside a long call: those behind it go to a thread
 * that has nothing to do. Below this, moving a call costs more than waiting for it.
 */
const LONG_CALL_MS = 1

/** Gives threads that have run dry what a thread inside a long call has not begun. */
export class Lending {
  readonly #roster: Roster
  readonly #clock: Clock
  readonly #onChange: () => void
  #timer: Timer | undefined

  /** @param onChange - Called when there is room, or it is time to look again. */
  constructor(roster: Roster, clock: Clock, onChange: () => void) {
    this.#roster = roster
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Lends what can be lent now; if that is too early, looks again when it is not. */
  lend(): void {
    for (const taker of this.#roster.ready()) {
      if (taker.inFlight > 0 || taker.room === 0) continue
      const calls = this.#borrow(taker.room)
      if (calls.length === 0) return
      if (!taker.send(calls)) this.#onChange()
    }
  }

  /** Leaves no timer. */
  close(): void {
    this.#timer?.cancel()
  }

  /** Half of what waits behind a long call, taken from whoever has not answered for longest. */
  #borrow(most: number): Call[] {
    const givers = [...this.#roster.ready()]
      .filter((thread) => thread.inFlight > 1)
      .map((thread) => ({ thread, quietMs: thread.quietMs }))
      .sort((a, b) => b.quietMs - a.quietMs)
    for (const { thread, quietMs } of givers) {
      if (quietMs < LONG_CALL_MS) {
        this.#lendLater(LONG_CALL_MS - quietMs)
        return []
      }
      // It may have begun them all, and be about to answer.
      const calls = takeUnbound(thread, Math.min(Math.ceil((thread.inFlight - 1) / 2), most))
      if (calls.length > 0) return calls
    }
    return []
  }

  #lendLater(delayMs: number): void {
    if (this.#timer !== undefined) return
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined
      this.#onChange()
    }, delayMs)
    this.#timer.unref()
  }
}

/**
 * Gets up to `most` calls back that another thread may run, the newest, in order. A call with an
 * affinity is not among them: an earlier one of its key may be running here. Nor is a pinned one.
 */
function takeUnbound(thread: WorkerThread, most: number): Call[] {
  const calls: Call[] = []
  for (const call of thread.calls().reverse()) {
    if (calls.length === most) break
    const { affinity, isPinned } = call.request
    if (affinity !== undefined || isPinned === true || !call.canBeSentAgain) continue
    if (thread.takeBack(call)) calls.push(call)
  }
  return calls.reverse()
}
