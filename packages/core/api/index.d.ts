// index.d.ts
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

// clock.d.ts
export interface Clock {
  now(): number
  wall(): number
  setTimer(fn: () => void, delayMs: number): Timer
}
export interface Timer extends Disposable {
  cancel(): void
  unref(): void
  ref(): void
}
export declare const systemClock: Clock

// emitter.d.ts
export interface ListenOptions {
  readonly signal?: AbortSignal | undefined
}

// errors.d.ts
export declare abstract class CupolaError extends Error {
  abstract readonly code: `ERR_${string}`
}
export declare class TimeoutError extends CupolaError {
  readonly code = 'ERR_TIMEOUT'
  readonly timeout: number
  constructor(action: string, timeout: number, options?: ErrorOptions)
  get name(): string
}
export declare class ClosedError extends CupolaError {
  readonly code = 'ERR_CLOSED'
  constructor(action: string, object: string, options?: ErrorOptions)
  get name(): string
}
export declare class BrokenError extends CupolaError {
  readonly code = 'ERR_BROKEN'
  constructor(action: string, problem: string, options?: ErrorOptions)
  get name(): string
}
export declare class FullError<Refused = unknown> extends CupolaError {
  readonly code = 'ERR_FULL'
  readonly refused: Refused
  constructor(action: string, problem: string, refused: Refused, options?: ErrorOptions)
  get name(): string
}
export type InterruptStage = 'queued' | 'signal' | 'checkpoint' | 'execution' | 'thread'
export declare class InterruptedError extends CupolaError {
  readonly code = 'ERR_INTERRUPTED'
  readonly stage: InterruptStage
  constructor(action: string, stage: InterruptStage, options?: ErrorOptions)
  get name(): string
}
export declare class InvariantError extends CupolaError {
  readonly code = 'ERR_INVARIANT'
  constructor(fact: string)
  get name(): string
}

// wait.d.ts
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
}
