export type {
  ArgumentsOf,
  ErrorClass,
  FunctionName,
  InterruptionOptions,
  InterruptOutcome,
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from '@cupola/interruptible-worker'
export type { AffinityKey } from '@cupola/interruptible-worker/authoring'
export type { WhenFull } from './admission.ts'
export type { BroadcastOptions, ThreadResult } from './broadcasts.ts'
export type { CallOptions } from './call-options.ts'
export type { CallDiagnostics, PoolDiagnostics } from './diagnostics.ts'
export type { CallDurations, DurationSummary } from './histograms.ts'
export type { RecycleOptions, RecycleReason } from './recycling.ts'
export type { StreamOptions } from './call-stream.ts'
export { inline, type InlineFunctions, type InlineModule } from './inline.ts'
export type { MapItem, MapName, MapOptions, MapSource } from './map.ts'
export type { RetryOptions } from './retries.ts'
export type { Settlement } from './settlement.ts'
export type { ThreadPoolEvents } from './thread-pool-events.ts'
export type { ResizeOptions, ThreadPoolOptions } from './thread-pool-options.ts'
export type {
  RefusedCall,
  TerminateReport,
  ThreadPoolStats,
  ThreadStats,
} from './thread-pool-stats.ts'
export { ThreadPool } from './thread-pool.ts'
