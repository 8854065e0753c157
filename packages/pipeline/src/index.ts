export type { BatchOptions } from './batch.ts'
export {
  type ForEachOptions,
  type Pipeline,
  pipeline,
  type PipelineOptions,
  type StageOptions,
} from './pipeline.ts'
export type { RunReport, StageReport } from './report.ts'
export type { RunOptions } from './run.ts'
export type { Source } from './source.ts'
export type { StageContext } from './stage-context.ts'
export type { FunctionFor } from './via.ts'
