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
import { CALLS_AHEAD, Claims, slotOf } from './claims.ts'
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
  /** Whether it went before it had loaded the worker module. */
  readonly unloaded: boolean
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
  readonly #claims = new Claims()
  /** The calls sent and not answered, by slot. */
  readonly #calls: (Call | undefined)[] = new Array(CALLS_AHEAD).fill(undefined)
  /** Numbers of the oldest call that may be unanswered, and of the next to send. */
  #oldest = 0
  #next = 0
  #inFlight = 0
  #state: ThreadState = 'starting'
  #codes: ReadonlyMap<string, number> = new Map()
  /** What the thread threw when it died. */
  #lastError: unknown
  #heardAt: number

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
      claims: this.#claims.buffer,
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
    return this.#inFlight
  }

  /** How many more calls it can be sent. */
  get room(): number {
    return this.#state === 'ready' ? CALLS_AHEAD - (this.#next - this.#oldest) : 0
  }

  /** For how long it has neither answered nor been woken from idleness, in milliseconds. */
  get quietMs(): number {
    return this.#clock.now() - this.#heardAt
  }

  /** Sends calls as one message, at most {@link room}. */
  send(calls: readonly Call[]): void {
    const known = calls.filter((call) => this.#knows(call))
    if (known.length === 0) return
    try {
      this.#post(known)
    } catch (error) {
      // One of them has an argument that cannot be cloned; the others must not suffer for it.
      const [first] = known
      if (known.length > 1) for (const call of known) this.send([call])
      else first?.reject(error)
    }
  }

  /** Gets a call back unless it has begun. */
  takeBack(call: Call): boolean {
    if (!this.#claims.takeBack(call.number)) return false
    this.#forget(call)
    return true
  }

  /** Gets up to `most` calls back that have not begun, the newest, in order. */
  takeBackNewest(most: number): Call[] {
    const calls: Call[] = []
    for (let number = this.#next - 1; number >= this.#oldest && calls.length < most; number--) {
      const call = this.#callOf(number)
      if (call !== undefined && this.takeBack(call)) calls.push(call)
    }
    return calls.reverse()
  }

  /** The calls sent and not answered, in order. */
  calls(): Call[] {
    const sent = this.#calls.filter((call) => call !== undefined)
    return sent.sort((a, b) => a.number - b.number)
  }

  /** Whether it is inside that call now. */
  isRunning(call: Call): boolean {
    return call.thread === this && this.#claims.isRunning(call.number)
  }

  /** Takes the answers that have arrived, without waiting for the event loop to bring them. */
  drain(): void {
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      this.#onMessage(got.message)
    }
  }

  /** Lets it end after the call that it is running. Returns those that it had not begun. */
  leave(): Call[] {
    const unbegun = this.takeBackNewest(CALLS_AHEAD)
    if (this.#state !== 'gone') this.#state = 'leaving'
    this.#endIfDone()
    return unbegun
  }

  /** Terminates it, whatever it is doing. Calls that it has begun fail for that `problem`. */
  kill(problem: string): void {
    if (this.#state === 'gone') return
    this.#fall({ problem, cause: undefined }, 'asked')
    this.#terminate()
  }

  #listen(): void {
    this.#port.on('message', (message) => this.#onMessage(message))
    this.#port.on('messageerror', (cause) =>
      this.#crash({ problem: 'an answer of its thread was unreadable', cause }),
    )
    this.#worker.on('error', (error) => (this.#lastError = error))
    this.#worker.on('exit', (code) => this.#onExit(code))
    // Neither keeps the process alive: that is the ledger's part, while a call is open.
    this.#port.unref()
    this.#worker.unref()
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

  #onAnswers({ numbers, kinds, values }: AnswerBatch): void {
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] ?? 0
      const call = this.#callOf(number)
      if (call === undefined) continue
      if (kinds[index] === BEGINS) {
        this.#owner.onBegin(call)
        continue
      }
      this.#oldest = number + 1
      this.#forget(call)
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
    if (this.#state !== 'leaving' || this.#inFlight > 0) return
    this.#state = 'gone'
    this.#port.postMessage(END)
    const deadline = setTimeout(() => this.#terminate(), END_GRACE_MS)
    void this.exited.then(() => clearTimeout(deadline))
    this.#owner.onGone(this, { unbegun: [], failure: undefined, unloaded: false })
  }

  #onExit(code: number): void {
    this.#crash({ problem: `its thread ended with exit code ${code}`, cause: this.#lastError })
    this.#port.close()
    this.#exit.resolve(true)
  }

  #knows(call: Call): boolean {
    const { name } = call.request
    if (this.#codes.has(name)) return true
    const known = [...this.#codes.keys()].map((each) => `"${each}"`).join(', ')
    const { href } = this.#recipe.moduleUrl
    call.reject(
      new TypeError(
        `Cannot call "${name}": ${href} has no such function, expected one of ${known}`,
      ),
    )
    return false
  }

  #post(calls: readonly Call[]): void {
    const batch: CallBatch = {
      first: this.#next,
      codes: calls.map((call) => this.#codeOf(call)),
      args: calls.map((call) => call.request.args),
    }
    calls.forEach((_, index) => this.#claims.offer(batch.first + index))
    try {
      this.#port.postMessage(
        batch,
        calls.flatMap((call) => call.request.transfer),
      )
    } catch (error) {
      calls.forEach((_, index) => this.#claims.takeBack(batch.first + index))
      throw error
    }
    if (this.#inFlight === 0) this.#heardAt = this.#clock.now()
    for (const call of calls) this.#remember(call)
  }

  #codeOf(call: Call): number {
    let code = this.#codes.get(call.request.name) ?? 0
    if (call.canBeEnded) code += FLAG_FLUSH_FIRST
    if (call.isTimed) code += FLAG_TELL_BEGIN
    return code
  }

  #remember(call: Call): void {
    call.thread = this
    call.number = this.#next
    this.#calls[slotOf(this.#next)] = call
    this.#next++
    this.#inFlight++
  }

  #forget(call: Call): void {
    call.thread = undefined
    this.#calls[slotOf(call.number)] = undefined
    this.#inFlight--
    if (this.#inFlight === 0) this.#oldest = this.#next
  }

  /** The call of that number, unless it was taken back. */
  #callOf(number: number): Call | undefined {
    const call = this.#calls[slotOf(number)]
    return call?.number === number ? call : undefined
  }

  /** It can go on no longer. */
  #crash(failure: Failure): void {
    if (this.#state === 'gone') return
    this.#fall(failure, 'by itself')
    this.#terminate()
  }

  #fall(failure: Failure, how: 'asked' | 'by itself'): void {
    this.drain()
    const unloaded = this.#state === 'starting'
    const unbegun = this.takeBackNewest(CALLS_AHEAD)
    this.#state = 'gone'
    const { problem, cause } = failure
    for (const call of this.calls()) {
      this.#forget(call)
      call.reject(new BrokenError(`finish the call of "${call.request.name}"`, problem, { cause }))
    }
    this.#owner.onGone(this, { unbegun, unloaded, failure: how === 'asked' ? undefined : failure })
  }

  #terminate(): void {
    const deadline = setTimeout(() => this.#exit.resolve(false), TERMINATE_GRACE_MS)
    void this.#worker.terminate().finally(() => clearTimeout(deadline))
  }
}
