export type { ErrorClass } from './unpack-error.ts'
export type { ArgumentsOf, FunctionName, ResultOf, WorkerModule } from './worker-module.ts'
export {
  type RefusedCall,
  type ResizeOptions,
  type RunOptions,
  type TerminateReport,
  ThreadPool,
  type ThreadPoolEvents,
  type ThreadPoolOptions,
  type ThreadPoolStats,
} from './thread-pool.ts'
