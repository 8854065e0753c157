export { type Clock, systemClock, type Timer } from './clock.ts'
export {
  BrokenError,
  ClosedError,
  CupolaError,
  FullError,
  InterruptedError,
  type InterruptStage,
  InvariantError,
  TimeoutError,
} from './errors.ts'
export type { ListenOptions } from './emitter.ts'
export type { WaitOptions } from './wait.ts'
