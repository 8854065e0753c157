// authoring.d.ts
export { onAbort } from './abort.ts'
export {
  type AtomicFileSystem,
  type AtomicWriteOptions,
  renameStubbornly,
  syncDirectory,
  writeFileAtomic,
} from './atomic-file.ts'
export {
  kindOf,
  requireArray,
  requireBigInt,
  requireBoolean,
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireOneOf,
  requireSignal,
  requireString,
  wordOf,
} from './checks.ts'
export { closesWithin } from './closes-within.ts'
export { Deferred } from './deferred.ts'
export { Emitter } from './emitter.ts'
export { fulfillsWithin } from './fulfills-within.ts'
export { LinkedList, type LinkedNode } from './linked-list.ts'
export { onThreadInterrupted } from './thread-interruptions.ts'
export {
  checkWaitOptions,
  firstWilling,
  NOT_YET,
  wait,
  type Waitable,
  type Waiter,
} from './wait.ts'

// abort.d.ts
export declare function onAbort(
  signal: AbortSignal | undefined,
  listener: (reason: unknown) => void,
): Disposable

// atomic-file.d.ts
import { type FileHandle } from 'node:fs/promises'
export interface AtomicFileSystem {
  open(
    path: string,
    flags: 'r' | 'w' | 'wx',
    permissions?: number,
  ): Promise<Pick<FileHandle, 'write' | 'chmod' | 'sync' | 'close'>>
  rename(from: string, to: string): Promise<void>
  rm(
    path: string,
    options: {
      readonly force: true
    },
  ): Promise<void>
  stat(path: string): Promise<{
    readonly mode: number
  }>
}
export interface AtomicWriteOptions {
  readonly temporary?: string | undefined
  readonly fileSystem?: AtomicFileSystem | undefined
}
export declare function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  { temporary, fileSystem }?: AtomicWriteOptions,
): Promise<void>
export declare function syncDirectory(
  path: string,
  fileSystem?: Pick<AtomicFileSystem, 'open'>,
): Promise<void>
export declare function renameStubbornly(
  from: string,
  to: string,
  fileSystem?: Pick<AtomicFileSystem, 'rename'>,
): Promise<void>

// checks.d.ts
export declare function requireInteger(
  name: string,
  value: number,
  least: number,
  most: number,
): number
export declare function requireBigInt(
  name: string,
  value: bigint,
  least: bigint,
  most?: bigint,
): bigint
export declare function requireDuration(name: string, value: number): number
export declare function requireFunction(name: string, value: unknown): void
export declare function requireObject(name: string, value: unknown): void
export declare function requireString(name: string, value: string): string
export declare function requireOneOf<Word extends string>(
  name: string,
  value: Word,
  words: readonly Word[],
): Word
export declare function requireArray(name: string, value: unknown): void
export declare function requireBoolean(name: string, value: boolean): boolean
export declare function requireClock(name: string, value: Clock): Clock
export declare function requireSignal(name: string, value: unknown): void
export declare function kindOf(value: unknown): string
export declare function wordOf(value: unknown): string

// clock.d.ts
export interface Clock {
  now(): number
  wall(): number
  setTimer(fn: () => void, delayMs: number): Timer
}
export interface Timer extends Disposable {
  cancel(): void
  unref(): void
  ref(): void
}

// closes-within.d.ts
export declare function closesWithin(
  closable: {
    close(): Promise<unknown>
  },
  options?: WaitOptions,
  clock?: Clock,
): Promise<boolean>

// deferred.d.ts
export declare class Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason: unknown) => void
  constructor()
}

// emitter.d.ts
export interface ListenOptions {
  readonly signal?: AbortSignal | undefined
}
type Listener<Payload> = (event: Payload) => void
export declare class Emitter<Events extends object> {
  #private
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options?: ListenOptions,
  ): Disposable
  has(name: keyof Events): boolean
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void
}

// fulfills-within.d.ts
export declare function fulfillsWithin(
  promise: Promise<unknown>,
  options?: WaitOptions,
  clock?: Clock,
): Promise<boolean>

// linked-list.d.ts
export interface LinkedNode<Self> {
  previous: Self | undefined
  next: Self | undefined
  list: LinkedListOf<Self> | undefined
}
type LinkedListOf<Node> = {
  readonly size: number
  remove(node: Node): boolean
}
export declare class LinkedList<Node extends LinkedNode<Node>> implements Iterable<Node> {
  #private
  get size(): number
  get first(): Node | undefined
  get last(): Node | undefined
  push(node: Node): void
  unshift(node: Node): void
  shift(): Node | undefined
  remove(node: Node): boolean
  [Symbol.iterator](): Iterator<Node>
}

// thread-interruptions.d.ts
export declare function onThreadInterrupted(listener: () => unknown): Disposable | undefined

// wait.d.ts
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
}
export declare const NOT_YET: unique symbol
export interface Waitable<Result, Detail = undefined> {
  readonly action: string
  readonly clock?: Clock | undefined
  refusal(detail: Detail): Error | undefined
  tryNow(detail: Detail): Result | typeof NOT_YET
  queueOf(detail: Detail): LinkedList<Waiter<Result, Detail>>
  givingUp?(waiter: Waiter<Result, Detail>, reason: unknown): void
  gaveUp?(waiter: Waiter<Result, Detail>): void
}
export interface Waiter<Result, Detail = undefined> extends LinkedNode<Waiter<Result, Detail>> {
  readonly detail: Detail
  resolve(result: Result): void
  reject(error: unknown): void
  rejectIfAborted(): boolean
}
export declare function wait<Result, Detail>(
  waitable: Waitable<Result, Detail>,
  options: WaitOptions | undefined,
  detail: Detail,
): Promise<Result>
export declare function checkWaitOptions(options: WaitOptions | undefined): void
export declare function firstWilling<Result, Detail>(
  queue: LinkedList<Waiter<Result, Detail>>,
): Waiter<Result, Detail> | undefined
