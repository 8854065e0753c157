// index.d.ts
export { DelayQueue, type DelayQueueOptions } from './delay-queue.ts'
export type { ItemStore } from './item-store.ts'
export { LifoQueue } from './lifo-queue.ts'
export { PriorityQueue, type PriorityQueueOptions } from './priority-queue.ts'
export { Queue, type QueueLimits, type QueueOptions, type QueueStats } from './queue.ts'

// delay-queue.d.ts
export interface DelayQueueOptions<T> extends QueueLimits {
  readonly delayMs: (item: T) => number
}
export declare class DelayQueue<T> extends Queue<T> {
  constructor(options: DelayQueueOptions<T>)
}

// item-store.d.ts
export interface ItemStore<T, Rank = unknown> {
  readonly size: number
  readonly readyAt?: number | undefined
  rankOf?(item: T): Rank
  push(item: T, rank: Rank): void
  shift(): T | undefined
}

// lifo-queue.d.ts
export declare class LifoQueue<T> extends Queue<T> {
  constructor(options?: QueueLimits)
}

// priority-queue.d.ts
export type PriorityQueueOptions<T> = QueueLimits &
  (
    | {
        readonly priority: (item: T) => number
        readonly compare?: undefined
      }
    | {
        readonly compare: (one: T, other: T) => number
        readonly priority?: undefined
      }
  )
export declare class PriorityQueue<T> extends Queue<T> {
  constructor(options: PriorityQueueOptions<T>)
}

// queue.d.ts
import { type Clock, type WaitOptions } from '@cupola/core'
export interface QueueLimits {
  readonly capacity?: number | undefined
  readonly clock?: Clock | undefined
}
export interface QueueOptions<T> extends QueueLimits {
  readonly store?: ItemStore<T> | undefined
}
export interface QueueStats {
  readonly size: number
  readonly capacity: number
  readonly unfinished: number
  readonly getting: number
  readonly putting: number
  readonly joining: number
  readonly closed: boolean
}
export declare class Queue<T> implements AsyncIterable<T, undefined>, AsyncDisposable {
  #private
  constructor(options?: QueueOptions<T>)
  get size(): number
  get unfinished(): number
  get closed(): boolean
  put(item: T, options?: WaitOptions): Promise<void>
  get(options?: WaitOptions): Promise<T>
  tryPut(item: T): boolean
  tryGet(): T | undefined
  taskDone(): void
  join(options?: WaitOptions): Promise<void>
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  terminate(reason?: unknown): Promise<T[]>
  [Symbol.asyncDispose](): Promise<void>
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined>
  stats(): QueueStats
}
