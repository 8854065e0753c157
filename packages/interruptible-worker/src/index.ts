export type { InterruptibleWorkerEvents } from './interruptible-worker-events.ts'
export type {
  InterruptibleWorkerOptions,
  TerminateOptions,
} from './interruptible-worker-options.ts'
export type { InterruptibleWorkerStats } from './interruptible-worker-stats.ts'
export { InterruptibleWorker } from './interruptible-worker.ts'
export type { InterruptionOptions } from './interruption-options.ts'
export type { InterruptOutcome } from './interruption.ts'
export type { RunOptions } from './run-options.ts'
export type { ErrorClass } from './unpack-error.ts'
export type {
  ArgumentsOf,
  FunctionName,
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from './worker-module.ts'
