import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from 'node:worker_threads'
import { BrokenError, type Clock } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import type { Call } from './call.ts'
import { CallWindow } from './call-window.ts'
import { detachedError, isDetached } from './detached.ts'
import {
  type AnswerBatch,
  BEGINS,
  type Boot,
  type CallBatch,
  END,
  FLAG_FLUSH_FIRST,
  FLAG_RANGE,
  FLAG_TELL_BEGIN,
  type Loaded,
  RETURNED,
} from './messages.ts'
import type { PackedError } from './pack-error.ts'
import { type ErrorClass, RemoteFailure, unpackError } from './unpack-error.ts'

/** Runs in the thread. It has the extension of this file: `.js` once built, `.ts` as source. */
const ENTRY = new URL(`./thread-entry${import.meta.url.slice(-3)}`, import.meta.url)

/** How long a thread that was asked to end may take before it is terminated. */
const END_GRACE_MS = 1000

/** How long a termination may take before the thread is given up as lost. */
const TERMINATE_GRACE_MS = 5000

/**
 * Where a thread is in its life, as the pool sees it. Every state leads to `gone` as well, when the
 * thread dies or is killed. A thread that is gone has no calls; its body may take a moment longer,
 * see {@link PoolThread.exited}.
 *
 *   starting ──loaded──▶ ready ──leave()──▶ leaving ──last call ended──▶ gone
 */
export type ThreadState = 'starting' | 'ready' | 'leaving' | 'gone'

/** Whom a thread tells what happens to it. */
export interface ThreadOwner {
  /** It has loaded the worker module and takes calls. */
  onReady(thread: PoolThread): void
  /** It begins a call whose time is to be measured. */
  onBegin(call: Call): void
  /** It has answered calls: there is room. */
  onAnswers(thread: PoolThread): void
  /** It is gone. */
  onGone(thread: PoolThread, end: ThreadEnd): void
}

/** What went wrong, for as many errors as it takes to tell everybody. */
export interface Failure {
  /** A clause that completes the message of a `BrokenError`. */
  readonly problem: string
  readonly cause: unknown
}

/** How a thread went. */
export interface ThreadEnd {
  /** The calls that it had not begun, in order. */
  readonly unbegun: readonly Call[]
  /** Why, if it was not asked to. */
  readonly failure: Failure | undefined
  /** Whether it had loaded the worker module. */
  readonly loaded: boolean
  /** Whether it ever began a call. */
  readonly hasBegun: boolean
}

/** What a thread is made from. */
export interface ThreadRecipe {
  readonly moduleUrl: URL
  readonly workerOptions: WorkerOptions
  readonly errorClasses: readonly ErrorClass[]
}

/** One thread of a pool: sends it calls, takes its answers, and notices when it dies. */
export class PoolThread {
  /** Node's number for the thread. */
  readonly threadId: number
  /** Resolves when its body has ended: `true`, or `false` if it would not and is lost. */
  readonly exited: Promise<boolean>
  readonly #owner: ThreadOwner
  readonly #recipe: ThreadRecipe
  readonly #clock: Clock
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #exit = new Deferred<boolean>()
  readonly #window = new CallWindow(this)
  #state: ThreadState = 'starting'
  /** For each function what stands for it in a message. `undefined` until the module has loaded. */
  #codes: ReadonlyMap<string, number> | undefined
  /** What the thread threw when it died. */
  #lastError: unknown
  #heardAt: number
  #hasBegun = false

  constructor(recipe: ThreadRecipe, owner: ThreadOwner, clock: Clock) {
    this.#owner = owner
    this.#recipe = recipe
    this.#clock = clock
    this.#heardAt = clock.now()
    this.#worker = new Worker(ENTRY, recipe.workerOptions)
    this.threadId = this.#worker.threadId
    this.exited = this.#exit.promise
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const boot: Boot = {
      moduleUrl: recipe.moduleUrl.href,
      port: port2,
      claims: this.#window.claims,
    }
    this.#worker.postMessage(boot, [port2])
    this.#listen()
  }

  /** Where the thread is in its life. */
  get state(): ThreadState {
    return this.#state
  }

  /** How many calls it has that are neither answered nor taken back. */
  get inFlight(): number {
    return this.#window.size
  }

  /** How many more calls it can be sent. */
  get room(): number {
    return this.#state === 'ready' ? this.#window.room : 0
  }

  /** For how long it has neither answered nor been woken from idleness, in milliseconds. */
  get quietMs(): number {
    return this.#clock.now() - this.#heardAt
  }

  /**
   * Sends calls as one message, at most {@link room}. Those that cannot be sent are rejected.
   *
   * @returns Whether all were sent.
   */
  send(calls: readonly Call[]): boolean {
    const good = calls.filter((call) => this.#checks(call))
    if (good.length === 0) return calls.length === 0
    try {
      this.#post(good)
    } catch (error) {
      // One of them has an argument that cannot be cloned; the others must not suffer for it.
      const [first] = good
      if (good.length > 1) for (const call of good) this.#sendAlone(call)
      else first?.reject(error)
      return false
    }
    return good.length === calls.length
  }

  /** Gets a call back unless it has begun. */
  takeBack(call: Call): boolean {
    if (!this.#window.takeBack(call)) return false
    this.#endIfDone()
    return true
  }

  /** Gets up to `most` calls back that have not begun and can be sent again, the newest, in order. */
  takeBackNewest(most: number = Infinity): Call[] {
    return this.#window.takeBackNewest(most)
  }

  /** The calls sent and not answered, in order. */
  calls(): Call[] {
    return this.#window.calls()
  }

  /** Whether it is inside that call now. */
  isRunning(call: Call): boolean {
    return this.#window.isRunning(call)
  }

  /** Takes the answers that have arrived, without waiting for the event loop to bring them. */
  drain(): void {
    for (let got = this.#receive(); got !== undefined; got = this.#receive()) {
      this.#onMessage(got.message)
    }
  }

  /** Lets it end when its calls have ended. */
  leave(): void {
    if (this.#state === 'gone') return
    this.#state = 'leaving'
    this.#endIfDone()
  }

  /** Undoes {@link leave}, if it is still there. */
  stay(): void {
    if (this.#state === 'leaving') this.#state = 'ready'
  }

  /** Terminates it, whatever it is doing. Calls that it has begun fail. */
  kill(): void {
    if (this.#state === 'gone') return
    this.#fall({ problem: 'its thread was terminated', cause: undefined }, 'asked')
    this.#terminate()
  }

  #listen(): void {
    this.#port.on('message', (message) => this.#onMessage(message))
    this.#port.on('messageerror', (cause) => this.#onUnreadable(cause))
    this.#worker.on('error', (error) => (this.#lastError = error))
    this.#worker.on('exit', (code) => this.#onExit(code))
    // Neither keeps the process alive: that is the ledger's part, while a call is open.
    this.#port.unref()
    this.#worker.unref()
  }

  #receive(): { message: Loaded | AnswerBatch } | undefined {
    try {
      return receiveMessageOnPort(this.#port)
    } catch (cause) {
      this.#onUnreadable(cause)
      return undefined
    }
  }

  #onMessage(message: Loaded | AnswerBatch): void {
    if ('numbers' in message) this.#onAnswers(message)
    else if ('names' in message) this.#onLoaded(message.names)
    else this.#onLoadFailure(message.error)
  }

  #onLoaded(names: readonly string[]): void {
    this.#codes = new Map(names.map((name, index) => [name, index * FLAG_RANGE]))
    if (this.#state !== 'starting') return
    this.#state = 'ready'
    this.#heardAt = this.#clock.now()
    this.#owner.onReady(this)
  }

  #onLoadFailure(error: PackedError): void {
    const { moduleUrl, errorClasses } = this.#recipe
    this.#crash({
      problem: `its worker module ${moduleUrl.href} does not load`,
      cause: unpackError(error, errorClasses),
    })
  }

  /** A value in it is nested deeper than this thread's stack allows. Nobody knows whose it was. */
  #onUnreadable(cause: unknown): void {
    this.#crash({ problem: 'an answer of its thread was unreadable', cause })
  }

  #onAnswers({ numbers, kinds, values }: AnswerBatch): void {
    this.#hasBegun = true
    for (let index = 0; index < numbers.length; index++) {
      const call = this.#window.at(numbers[index] ?? 0)
      if (call === undefined) continue
      if (kinds[index] === BEGINS) {
        this.#owner.onBegin(call)
        continue
      }
      this.#window.answered(call)
      if (kinds[index] === RETURNED) call.resolve(values[index])
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread packs whatever a call throws, see `CallRunner`
      else call.reject(new RemoteFailure(values[index] as PackedError))
    }
    this.#heardAt = this.#clock.now()
    this.#endIfDone()
    this.#owner.onAnswers(this)
  }

  /** An idle thread is not told to stop but to end: its own `exit` listeners run. */
  #endIfDone(): void {
    if (this.#state !== 'leaving' || this.#window.size > 0) return
    this.#state = 'gone'
    this.#port.postMessage(END)
    const deadline = setTimeout(() => this.#terminate(), END_GRACE_MS)
    void this.exited.then(() => clearTimeout(deadline))
    const loaded = this.#codes !== undefined
    const hasBegun = this.#hasBegun
    this.#owner.onGone(this, { unbegun: [], failure: undefined, loaded, hasBegun })
  }

  #onExit(code: number): void {
    // That it has loaded may still be in the port.
    this.drain()
    const when = this.#codes ? '' : ` while it loaded ${this.#recipe.moduleUrl.href}`
    this.#crash({
      problem: `its thread ended with exit code ${code}${when}`,
      cause: this.#lastError,
    })
    this.#port.close()
    this.#exit.resolve(true)
  }

  #checks(call: Call): boolean {
    const { name, transfer } = call.request
    if (!this.#codes?.has(name)) call.reject(this.#unknown(name))
    else if (transfer.some(isDetached)) call.reject(detachedError(name))
    else return true
    return false
  }

  #sendAlone(call: Call): void {
    if (this.#state !== 'gone') this.send([call])
    // A getter in an argument of another call has ended the pool meanwhile.
    else call.reject(new BrokenError(`call "${call.request.name}"`, 'its thread was terminated'))
  }

  #unknown(name: string): TypeError {
    const known = [...(this.#codes?.keys() ?? [])].map((each) => `"${each}"`).join(', ')
    const { href } = this.#recipe.moduleUrl
    const problem = `${href} has no such function, expected one of ${known || 'none at all'}`
    return new TypeError(`Cannot call "${name}": ${problem}`)
  }

  #post(calls: readonly Call[]): void {
    if (this.#window.size === 0) this.#heardAt = this.#clock.now()
    const first = this.#window.next
    // Before they are posted: a getter in an argument may do anything, such as ending the pool.
    for (const call of calls) this.#window.add(call)
    const codes = calls.map((call) => this.#codeOf(call))
    const args = calls.map((call) => call.request.args)
    const transfer = calls.flatMap((call) => call.request.transfer)
    try {
      this.#port.postMessage({ first, codes, args } satisfies CallBatch, transfer)
    } catch (error) {
      this.#window.undo(calls, first)
      throw error
    }
  }

  #codeOf(call: Call): number {
    let code = this.#codes?.get(call.request.name) ?? 0
    if (call.canBeEnded) code += FLAG_FLUSH_FIRST
    if (call.isTimed) code += FLAG_TELL_BEGIN
    return code
  }

  /** It can go on no longer. */
  #crash(failure: Failure): void {
    if (this.#state === 'gone') return
    this.#fall(failure, 'by itself')
    this.#terminate()
  }

  #fall(failure: Failure, how: 'asked' | 'by itself'): void {
    this.drain()
    // The answer it had still to give was among them, or whoever heard that answer ended the thread.
    if (this.state === 'gone') return
    this.#state = 'gone'
    const unbegun = this.takeBackNewest()
    if (how === 'by itself') for (const call of unbegun) call.losses++
    const begun = this.calls()
    for (const call of begun) {
      this.#window.remove(call)
      const action = `finish the call of "${call.request.name}"`
      call.reject(new BrokenError(action, failure.problem, { cause: failure.cause }))
    }
    this.#owner.onGone(this, {
      unbegun,
      failure: how === 'asked' ? undefined : failure,
      loaded: this.#codes !== undefined,
      hasBegun: this.#hasBegun || begun.length > 0,
    })
  }

  #terminate(): void {
    const deadline = setTimeout(() => this.#exit.resolve(false), TERMINATE_GRACE_MS)
    void this.#worker.terminate().finally(() => clearTimeout(deadline))
  }
}
