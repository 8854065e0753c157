export type { InterruptionOptions } from './interruption-options.ts'
export type { InterruptOutcome } from './interruption.ts'
export type { ErrorClass } from './unpack-error.ts'
export type {
  ArgumentsOf,
  FunctionName,
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from './worker-module.ts'
