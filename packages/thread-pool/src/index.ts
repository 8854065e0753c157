export type { ErrorClass } from '@cupola/interruptible-worker'
export type {
  ArgumentsOf,
  FunctionName,
  ResultOf,
  WorkerModule,
} from '@cupola/interruptible-worker'
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
