import type { Pair } from './workers/tasks.ts'

/** How many threads each contestant has: as many as the smallest machine has cores. */
export const THREADS = 2

/** What every contestant's threads can be asked to do, besides moving buffers. */
export const TASKS = ['add', 'fail', 'keptBytes', 'spin', 'spinLong', 'spinShort'] as const

export type TaskName = (typeof TASKS)[number]

export type Argument = Pair | number | string | undefined

/** One that can be measured: a pool library at certain settings, or the floor. */
export interface Contestant {
  /** Whose it is. Of several contestants of one family, the best counts. */
  readonly family: 'Cupola' | 'floor' | 'piscina' | 'poolifier' | 'tinypool' | 'workerpool'
  readonly name: string
  /** The version, and the settings that are not the default. */
  readonly settings: string
  /** Starts {@link THREADS} threads. They may still be loading their module when this resolves. */
  open(): Promise<OpenPool>
}

/** A contestant with its threads. */
export interface OpenPool {
  /** Calls a function on one of the threads. */
  run(task: TaskName, argument: Argument): Promise<number>
  /** Moves a buffer to a thread that touches it, and back. */
  move(buffer: ArrayBuffer): Promise<ArrayBuffer>
  /** Ends the threads. */
  close(): Promise<unknown>
}
