// testing.d.ts
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'

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

// virtual-clock.d.ts
export interface VirtualClockOptions {
  readonly wall?: number | undefined
}
export declare class VirtualClock implements Clock {
  #private
  constructor({ wall }?: VirtualClockOptions)
  now(): number
  wall(): number
  setTimer(fn: () => void, delayMs: number): Timer
  get pending(): number
  get nextDueMs(): number
  advance(ms: number): Promise<void>
  setWall(wall: number): void
}
