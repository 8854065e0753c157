// task.d.ts
export { currentTask, type Task } from './current-task.ts'
export { move } from './move.ts'
export { onInterrupted } from './on-interrupted.ts'

// current-task.d.ts
export interface Task {
  readonly name: string
  readonly taskId: number
  readonly threadId: number
  readonly attempt: number
  readonly signal: AbortSignal
  throwIfInterrupted(): void
  sleep(milliseconds: number): Promise<void>
  sleepSync(milliseconds: number): void
  progress(value: unknown): void
  uninterruptible<Result>(section: () => Result): Result
}
export declare function currentTask(): Task

// move.d.ts
import type { Transferable } from 'node:worker_threads'
export declare function move<Value>(value: Value, transfer?: readonly Transferable[]): Value

// on-interrupted.d.ts
export declare function onInterrupted(listener: (name: string) => unknown): Disposable
