export type { ErrorClass } from './unpack-error.ts'
export type { ArgumentsOf, FunctionName, ResultOf, WorkerModule } from './worker-module.ts'
export type { ThreadPoolEvents } from './thread-pool-events.ts'
export {
  type CallOptions,
  type RefusedCall,
  type ResizeOptions,
  type TerminateReport,
  ThreadPool,
  type ThreadPoolOptions,
  type ThreadPoolStats,
} from './thread-pool.ts'
