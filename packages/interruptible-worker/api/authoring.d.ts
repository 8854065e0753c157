// authoring.d.ts
export { Breaker } from './breaker.ts'
export {
  type AffinityKey,
  Call,
  type CallKeeper,
  type CallListener,
  type CallRequest,
} from './call.ts'
export { CallLengths, LONG_MS } from './call-lengths.ts'
export { CALLS_AHEAD } from './claims.ts'
export type { InterruptOutcome } from './interruption.ts'
export { type InterruptionPlan, planInterruption } from './interruption-options.ts'
export { isPromiseLike } from './in-thread/promise-like.ts'
export { movedBuffers, unmoved } from './in-thread/moved.ts'
export { type CallOutcome, Ledger } from './ledger.ts'
export { isLifeFunction } from './life-functions.ts'
export { findNesting } from './nesting.ts'
export { recipeOf } from './recipe-of.ts'
export { checkRun } from './run-options.ts'
export type { OutputListener, OutputStream } from './thread-output.ts'
export type { Failure, ThreadEnd, ThreadOwner, ThreadRecipe } from './thread-owner.ts'
export { RemoteFailure, rethrower } from './unpack-error.ts'
export { functionsOf, type WorkerFunction } from './worker-functions.ts'
export { type ThreadState, WorkerThread } from './worker-thread.ts'

// breaker.d.ts
import type { Clock } from '@cupola/core'
interface Standing {
  readonly order: number
  readonly started: number
  readonly isLast: boolean
}
export declare class Breaker {
  #private
  constructor(clock: Clock, onRetry: () => void)
  get failure(): Failure | undefined
  get allowsStart(): boolean
  cannotStart(failure: Failure, order: number): void
  loaded(): void
  worked({ order }: Pick<Standing, 'order'>): void
  gone({ failure, loaded, hasBegun }: ThreadEnd, { order, started, isLast }: Standing): void
  reset(): void
  close(): void
}

// call-lengths.d.ts
export declare class CallLengths {
  #private
  learn(name: string, meanMs: number): void
  expectedMs(name: string): number
}
export declare const LONG_MS = 2

// call.d.ts
import type { Transferable } from 'node:worker_threads'
import { type Clock } from '@cupola/core'
import { type LinkedList, type LinkedNode } from '@cupola/core/authoring'
export interface CallRequest {
  readonly name: string
  readonly args: readonly unknown[]
  readonly transfer: readonly Transferable[]
  readonly signal: AbortSignal | undefined
  readonly timeout: number
  readonly deadline: number
  readonly priority: number
  readonly affinity: AffinityKey | undefined
  readonly interruptible: boolean
  readonly retries: RetryBudget | undefined
  readonly listener?: CallListener | undefined
  readonly isPinned?: boolean | undefined
}
export interface CallListener {
  readonly credit: number
  readonly hearsProgress: boolean
  onAccepted(call: Call): void
  onItems(items: readonly unknown[]): void
  onProgress(value: unknown): void
}
interface RetryBudget {
  take(reason: unknown): number | undefined
}
export type AffinityKey = string | number
export interface CallKeeper {
  onFailure(call: Call, reason: unknown): boolean
  onSettled(call: Call): void
}
export declare class Call implements LinkedNode<Call> {
  #private
  previous: Call | undefined
  next: Call | undefined
  list: LinkedList<Call> | undefined
  thread: WorkerThread | undefined
  number: number
  expectedMs: number
  losses: number
  attempt: number
  queuedAt: number
  keeper: CallKeeper | undefined
  readonly request: CallRequest
  readonly place: number
  readonly promise: Promise<unknown>
  constructor(request: CallRequest, ledger: Ledger)
  get canBeEnded(): boolean
  get goesAlone(): boolean
  get moves(): boolean
  get canBeSentAgain(): boolean
  get isTimed(): boolean
  get hasDeadline(): boolean
  watchSignal(giveUp: (reason: unknown) => void): void
  watchTime(clock: Clock, giveUp: (reason: unknown) => void): void
  watchDeadline(clock: Clock, leftMs: number, giveUp: (reason: unknown) => void): void
  rest(clock: Clock, delayMs: number, resume: () => void): void
  onWords(kind: WordKind, words: readonly unknown[]): void
  resolve(value: unknown): void
  reject(reason: unknown): void
  cancel(reason: unknown): void
  drop(reason: unknown): void
}

// claims.d.ts
export declare const CALLS_AHEAD = 256

// moved.d.ts
import type { Transferable } from 'node:worker_threads'
export declare function movedBuffers(values: readonly unknown[]): Transferable[]
export declare function unmoved(value: unknown): unknown

// promise-like.d.ts
export declare function isPromiseLike(value: unknown): value is PromiseLike<unknown>

// interruption-options.d.ts
export interface InterruptionOptions {
  readonly signalMs?: number | undefined
  readonly checkpointMs?: number | undefined
  readonly executionMs?: number | undefined
  readonly threadMs?: number | undefined
  readonly maskedMs?: number | undefined
  readonly replaceThread?: boolean | undefined
}
export type InterruptionPlan = {
  readonly [Name in keyof InterruptionOptions]-?: NonNullable<InterruptionOptions[Name]>
}
export declare function planInterruption(
  options: InterruptionOptions,
  defaults?: Partial<InterruptionPlan>,
): InterruptionPlan

// interruption.d.ts
export interface InterruptOutcome {
  readonly stage: 'idle' | HeededStage | 'execution' | 'thread'
  readonly survived: boolean
  readonly tookMs: number
}

// ledger.d.ts
export type CallOutcome = 'completed' | 'failed' | 'cancelled' | 'dropped'
export declare class Ledger {
  #private
  constructor(onSettled: () => void, onEmpty: () => void)
  get open(): number
  get counts(): Readonly<Record<CallOutcome, number>>
  accept(): number
  settle(outcome: CallOutcome): void
  whenEmpty(): Promise<void>
  hold(): void
  release(): void
  close(): void
}

// life-functions.d.ts
export type LifeFunction = 'init' | 'dispose'
export declare function isLifeFunction(name: string): name is LifeFunction

// messages.d.ts
export type WordKind = 'item' | 'progress'
export type HeededStage = 'signal' | 'checkpoint'

// nesting.d.ts
export declare function findNesting(moduleUrl: URL): Failure | undefined

// pack-error.d.ts
export type PackedError = PackedValue | PackedList | PackedInstance
interface PackedValue {
  readonly value: unknown
}
interface PackedList {
  readonly list: readonly PackedError[]
}
export interface PackedInstance {
  readonly classes: readonly string[]
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly properties: PackedProperty[]
}
interface PackedProperty {
  readonly key: string
  readonly value: PackedError
  readonly enumerable: boolean
}

// recipe-of.d.ts
import type { WorkerOptions } from 'node:worker_threads'
export declare function recipeOf(
  module: URL | string,
  workerOptions: WorkerOptions,
  errorClasses: readonly ErrorClass[],
): ThreadRecipe

// run-options.d.ts
import type { Transferable } from 'node:worker_threads'
export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly transfer?: readonly Transferable[] | undefined
}
export declare function checkRun(name: string, args: readonly unknown[], options: RunOptions): void

// thread-output.d.ts
export type OutputStream = 'stdout' | 'stderr'
export type OutputListener = (threadId: number, stream: OutputStream, text: string) => void

// thread-owner.d.ts
import type { WorkerOptions } from 'node:worker_threads'
export interface ThreadRecipe {
  readonly moduleUrl: URL
  readonly workerOptions: WorkerOptions
  readonly errorClasses: readonly ErrorClass[]
  readonly lengths: CallLengths
  readonly mostCalls?: number | undefined
  readonly onTook?: ((call: Call, tookMs: number) => void) | undefined
  readonly onOutput?: OutputListener | undefined
}
export interface ThreadOwner {
  onReady(thread: WorkerThread): void
  onBegin(call: Call): void
  onAnswers(thread: WorkerThread): void
  onInterrupted(thread: WorkerThread, call: Call, outcome: InterruptOutcome): void
  onNoInspector(): void
  onGone(thread: WorkerThread, end: ThreadEnd): void
}
export interface Failure {
  readonly problem: string
  readonly cause: unknown
}
export interface ThreadEnd {
  readonly unbegun: readonly Call[]
  readonly failure: Failure | undefined
  readonly loaded: boolean
  readonly hasBegun: boolean
}

// unpack-error.d.ts
export type ErrorClass = abstract new (...args: never[]) => Error
export declare class RemoteFailure {
  readonly packed: PackedError
  constructor(packed: PackedError)
}
export declare function rethrower(
  known: readonly ErrorClass[],
  explain?: (error: unknown) => void,
): (reason: unknown) => never

// worker-functions.d.ts
export type WorkerFunction = (...args: unknown[]) => unknown
export declare function functionsOf(
  module: Readonly<Record<string, unknown>>,
): Map<string, WorkerFunction>

// worker-thread.d.ts
import { type Clock } from '@cupola/core'
export type ThreadState = 'starting' | 'ready' | 'leaving' | 'gone'
export declare class WorkerThread {
  #private
  readonly threadId: number
  readonly exited: Promise<boolean>
  constructor(recipe: ThreadRecipe, owner: ThreadOwner, clock: Clock)
  get state(): ThreadState
  get inFlight(): number
  get loadMs(): number
  get room(): number
  get callsDone(): number
  get utilization(): number
  get quietMs(): number
  send(calls: readonly Call[]): boolean
  takeBack(call: Call): boolean
  takeBackNewest(most?: number): Call[]
  calls(): Call[]
  isRunning(call: Call): boolean
  interrupt(call: Call, reason: unknown, plan: InterruptionPlan): Promise<InterruptOutcome>
  lose(): void
  drain(): void
  grant(call: Call, items: number): void
  leave(): void
  stay(): void
  kill(graceMs?: number): void
  terminateAgain(): Promise<void>
  measureHeap(): Promise<number | undefined>
}
