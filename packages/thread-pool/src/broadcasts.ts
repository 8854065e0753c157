import { BrokenError } from '@cupola/core'
import {
  Call,
  type CallRequest,
  type Failure,
  type Ledger,
  type WorkerThread,
} from '@cupola/interruptible-worker/authoring'

/** How `ThreadPool.broadcast()` makes its calls. */
export interface BroadcastOptions {
  /**
   * Gives all of them up when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Gives each up with a `TimeoutError` when it has run for so many milliseconds.
   *
   * @defaultValue Infinity
   */
  readonly timeout?: number | undefined
  /**
   * Whether threads that start later shall make the call as well, before they take others. Of several
   * such broadcasts of one function they make the last. That one fails there has nobody to be told:
   * it is an unhandled rejection.
   *
   * @defaultValue false
   */
  readonly replay?: boolean | undefined
}

/** What one thread made of a broadcast. */
export interface ThreadResult<Result> {
  /** Node's number for the thread. */
  readonly threadId: number
  /** What the function returned there. */
  readonly value: Result
}

/** Whose threads these are. */
export interface BroadcastOwner {
  /** Those that are there, whether they take calls or not. */
  threads(): readonly WorkerThread[]
  /** Watches what may end the call early. */
  watch(call: Call): void
}

/**
 * Calls that are meant for one thread each. They pass the queue by and go straight to their threads,
 * where they wait behind what those have; here they wait only for a thread that takes nothing now.
 */
export class Broadcasts {
  readonly #ledger: Ledger
  readonly #owner: BroadcastOwner
  /** Every such call that has not settled, and whose it is. */
  readonly #targets = new Map<Call, WorkerThread>()
  /** Those of them that are not sent, in order. */
  readonly #unsent = new Set<Call>()
  /** What new threads have to catch up with: of each function the last. */
  readonly #replays = new Map<string, CallRequest>()
  #ended = false

  constructor(ledger: Ledger, owner: BroadcastOwner) {
    this.#ledger = ledger
    this.#owner = owner
  }

  /** How many calls are open. */
  get size(): number {
    return this.#targets.size
  }

  /** Makes the call on every thread that is there. Rejects with the first failure, once all ended. */
  async run(request: CallRequest, isReplayed: boolean): Promise<ThreadResult<unknown>[]> {
    if (isReplayed) {
      // At the end: after what new threads catch up with anyway.
      this.#replays.delete(request.name)
      this.#replays.set(request.name, request)
    }
    const calls = this.#owner.threads().map(async (thread) => {
      const { threadId } = thread
      const call = this.#add(request, thread)
      try {
        return { threadId, value: await call.promise }
      } catch (reason) {
        if (reason === LEFT_OUT) return undefined
        throw reason
      }
    })
    this.sendUnsent()
    const results = await Promise.allSettled(calls)
    return results.flatMap((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value ?? []
    })
  }

  /** A thread takes calls from now on; first it gets what the others had before it was there. */
  replay(thread: WorkerThread): void {
    const known = new Set([...this.#unsent].map((call) => this.#isFor(call, thread)))
    for (const request of this.#replays.values()) {
      if (known.has(request)) continue
      void this.#surface(this.#add(request, thread))
    }
    this.sendUnsent()
  }

  /** Sends what its thread has room for. */
  sendUnsent(): void {
    for (const call of [...this.#unsent]) {
      const thread = this.#targets.get(call)
      if (thread === undefined || thread.room === 0) continue
      this.#unsent.delete(call)
      thread.send([call])
    }
  }

  /** A thread did not begin the call. Returns whether it was one of these. */
  takeReturned(call: Call): boolean {
    if (!this.#targets.has(call)) return false
    this.#unsent.add(call)
    return true
  }

  /** A thread is gone. If it left, it need not be told any more; if it died, it could not be. */
  onThreadExit(threadId: number, failure: Failure | undefined): void {
    for (const [call, thread] of this.#targets) {
      if (thread.threadId !== threadId) continue
      if (failure === undefined) call.cancel(LEFT_OUT)
      else call.reject(brokenError(call, failure))
    }
  }

  /** Nobody waits for the call any more. */
  forget(call: Call): void {
    this.#targets.delete(call)
    this.#unsent.delete(call)
  }

  /** Fails those that are not sent. */
  terminate(reason: unknown): void {
    this.#ended = true
    for (const call of [...this.#unsent]) call.cancel(reason)
  }

  #add(request: CallRequest, thread: WorkerThread): Call {
    const call = new Call(request, this.#ledger)
    this.#targets.set(call, thread)
    this.#unsent.add(call)
    const forget = () => this.forget(call)
    call.promise.then(forget, forget)
    this.#owner.watch(call)
    return call
  }

  #isFor(call: Call, thread: WorkerThread): CallRequest | undefined {
    return this.#targets.get(call) === thread ? call.request : undefined
  }

  /** Nobody waits for a replay: that it failed is an unhandled rejection, unless its thread died. */
  async #surface(call: Call): Promise<void> {
    try {
      await call.promise
    } catch (reason) {
      if (!this.#ended && reason !== LEFT_OUT && !(reason instanceof BrokenError)) throw reason
    }
  }
}

/** Why a thread was not told: it is leaving. Never seen outside. */
const LEFT_OUT = Symbol('cupola: left out')

function brokenError(call: Call, { problem, cause }: Failure): BrokenError {
  return new BrokenError(`finish the call of "${call.request.name}"`, problem, { cause })
}
