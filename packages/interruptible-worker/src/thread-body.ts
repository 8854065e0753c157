import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  type Transferable,
  Worker,
} from 'node:worker_threads'
import { systemClock } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { ExecutionTerminator } from './execution-terminator.ts'
import { findLineage } from './in-thread/lineage.ts'
import {
  type AnswerBatch,
  type Boot,
  END,
  type Loaded,
  MEASURE,
  type Measured,
  type Order,
  type Words,
} from './messages.ts'
import type { ThreadRecipe } from './thread-owner.ts'
import { readOutput } from './thread-output.ts'

/** Runs in the thread. It has the extension of this file: `.js` once built, `.ts` as source. */
const ENTRY = new URL(`./in-thread/thread-entry${import.meta.url.slice(-3)}`, import.meta.url)

/** How long a thread that was asked to end may take before it is terminated. */
const END_GRACE_MS = 1000

/** How long a termination may take before the thread is given up as lost. */
const TERMINATE_GRACE_MS = 5000

/** What a thread says of its calls. */
export type Message = Loaded | AnswerBatch | Words

/** Whom a body tells what comes out of its thread. */
export interface BodyOwner {
  onMessage(message: Message): void
  /** A value in a message is nested deeper than this thread's stack allows. */
  onUnreadable(cause: unknown): void
  /** @param lastError - What the thread threw when it died. */
  onExit(code: number, lastError: unknown): void
}

/**
 * The thread itself: Node's worker and the channel to it, from the start to the end. It keeps no
 * process alive.
 */
export class ThreadBody {
  /** Node's number for the thread. */
  readonly threadId: number
  /** Resolves when it has ended: `true`, or `false` if it would not and is lost. */
  readonly exited: Promise<boolean>
  readonly #owner: BodyOwner
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #exit = new Deferred<boolean>()
  #lastError: unknown
  #measuring: Deferred<number | undefined> | undefined

  constructor(recipe: ThreadRecipe, shared: Pick<Boot, 'claims' | 'guard'>, owner: BodyOwner) {
    const { moduleUrl, workerOptions, onOutput, onTook } = recipe
    this.#owner = owner
    // Should it be needed, it has to be there before the thread.
    ExecutionTerminator.ofProcess()
    this.#worker = new Worker(ENTRY, workerOptions)
    this.threadId = this.#worker.threadId
    this.exited = this.#exit.promise
    if (onOutput !== undefined) readOutput(this.#worker, workerOptions, onOutput)
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const lineage = [...findLineage(), moduleUrl.href]
    const timed = onTook !== undefined
    const boot: Boot = { moduleUrl: moduleUrl.href, port: port2, lineage, timed, ...shared }
    this.#worker.postMessage(boot, [port2])
    this.#listen()
  }

  /** Which part of its time since it started it was not waiting for something to do. */
  get utilization(): number {
    return this.#worker.performance.eventLoopUtilization().utilization
  }

  /** Sends the thread an order. */
  post(order: Order, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(order, transfer)
  }

  /** Takes the messages that have arrived, without waiting for the event loop to bring them. */
  drain(): void {
    for (let got = this.#receive(); got !== undefined; got = this.#receive()) {
      this.#onMessage(got.message)
    }
  }

  /** @returns Bytes; `undefined` if the thread is gone before it tells. */
  measureHeap(): Promise<number | undefined> {
    if (this.#measuring === undefined) {
      this.#measuring = new Deferred()
      this.post(MEASURE)
      void this.exited.then(() => this.#onMeasured(undefined))
    }
    return this.#measuring.promise
  }

  /** Asks it to end, so that its own `exit` listeners run; and terminates it if it does not. */
  end(): void {
    this.post(END)
    const deadline = setTimeout(() => this.terminate(), END_GRACE_MS)
    void this.exited.then(() => clearTimeout(deadline))
  }

  /** Terminates it, whatever it is doing. If it has not ended after `graceMs`, it is lost. */
  terminate(graceMs: number = TERMINATE_GRACE_MS): void {
    const deadline = systemClock.setTimer(() => this.lose(), graceMs)
    void this.#worker.terminate().finally(() => deadline.cancel())
  }

  /**
   * Asks Node once more to terminate it.
   *
   * @returns Resolves when it has ended, which may be never.
   */
  async terminateAgain(): Promise<void> {
    // Each time adds a listener for the end.
    this.#worker.setMaxListeners(0)
    const ended = this.#worker.terminate()
    this.#worker.unref()
    await ended
  }

  /** Not even Node can end it: nobody shall wait for it, not the end of the process either. */
  lose(): void {
    this.#worker.unref()
    this.#exit.resolve(false)
  }

  #listen(): void {
    this.#port.on('message', (message) => this.#onMessage(message))
    this.#port.on('messageerror', (cause) => this.#owner.onUnreadable(cause))
    this.#worker.on('error', (error) => (this.#lastError = error))
    this.#worker.on('exit', (code) => this.#onExit(code))
    // Neither keeps the process alive: that is the ledger's part, while a call is open.
    this.#port.unref()
    this.#worker.unref()
  }

  #receive(): { message: Message | Measured } | undefined {
    try {
      return receiveMessageOnPort(this.#port)
    } catch (cause) {
      this.#owner.onUnreadable(cause)
      return undefined
    }
  }

  #onMessage(message: Message | Measured): void {
    if ('heapBytes' in message) this.#onMeasured(message.heapBytes)
    else this.#owner.onMessage(message)
  }

  #onMeasured(heapBytes: number | undefined): void {
    this.#measuring?.resolve(heapBytes)
    this.#measuring = undefined
  }

  #onExit(code: number): void {
    // That it has loaded, and its last answers, may still be in the port.
    this.drain()
    this.#owner.onExit(code, this.#lastError)
    this.#port.close()
    this.#exit.resolve(true)
  }
}
