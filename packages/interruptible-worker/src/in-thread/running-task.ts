import type { Claims } from '../claims.ts'
import type { InterruptGuard } from '../interrupt-guard.ts'
import type { HeededStage } from '../messages.ts'
import type { PackedError } from '../pack-error.ts'

/** Called when the call is interrupted: the reason as it came out of the other thread. */
export type InterruptListener = (reason: PackedError) => void

/** What a call is, for the code inside it. */
export interface CallFacts {
  /** The function's name. */
  readonly name: string
  /** Its number among the calls of this thread. */
  readonly number: number
  /** Which attempt it is, from 1 up. */
  readonly attempt: number
  /** Tells how far it is. Left out if nobody listens. */
  readonly tell: ((value: unknown) => void) | undefined
}

/**
 * The call that a thread is inside, seen from its own code. `currentTask()` makes what the code sees
 * out of it; nothing here needs a package, so that a thread which never asks loads none.
 */
export class RunningTask {
  readonly facts: CallFacts
  /** What made it notice that it was interrupted, if something did. */
  heeded: HeededStage | undefined
  /** What `currentTask()` has made of it, so that it makes but one. */
  face: unknown
  readonly #claims: Claims
  readonly #guard: InterruptGuard
  #reason: PackedError | undefined
  #wasHit = false
  #onSignal: InterruptListener | undefined
  #onRaise: (() => void) | undefined

  constructor(facts: CallFacts, claims: Claims, guard: InterruptGuard) {
    this.facts = facts
    this.#claims = claims
    this.#guard = guard
  }

  /** Whether checkpoints raise. */
  get isInterrupted(): boolean {
    return this.#guard.isInterrupted(this.facts.number) && !this.#guard.isMasked
  }

  /**
   * Whether its execution was terminated: what is left of it shall go no further. Only for promise
   * reactions and the like, which do not run inside a call that is seized, only after it was hit.
   */
  get isAbandoned(): boolean {
    return this.#wasHit || this.#claims.isSeized(this.facts.number)
  }

  /** Its execution was terminated. */
  abandon(): void {
    this.#wasHit = true
  }

  /** Why, as far as this thread has been told: not if it has not turned its event loop since. */
  get reason(): PackedError | undefined {
    return this.#reason
  }

  /** Calls `listener` when the signal is to abort, at once if that has been. */
  onSignal(listener: InterruptListener): void {
    this.#onSignal = listener
    this.#abort()
  }

  /** Calls `listener` when checkpoints begin to raise, until it is replaced or taken away. */
  onRaise(listener: (() => void) | undefined): void {
    this.#onRaise = listener
  }

  /** The other thread says that the call shall end. */
  interrupt(reason: PackedError, raise: boolean): void {
    const isFirst = this.#reason === undefined
    this.#reason ??= reason
    if (isFirst) this.#abort()
    if (raise && !this.#guard.isMasked) this.#onRaise?.()
  }

  /** Blocks the thread for so long, or until the call is interrupted. */
  block(milliseconds: number): void {
    this.#guard.sleep(this.facts.number, milliseconds)
  }

  /** Nothing ends the code before {@link unmask}. */
  mask(): number {
    return this.#guard.enterMask(this.#claims, this.facts.number)
  }

  /** Undoes {@link mask}. */
  unmask(epoch: number): void {
    this.#guard.leaveMask(epoch)
  }

  #abort(): void {
    if (this.#reason === undefined || this.#onSignal === undefined) return
    this.heeded ??= 'signal'
    this.#onSignal(this.#reason)
  }
}
