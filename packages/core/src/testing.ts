/**
 * For tests of programs that take a {@link Clock}.
 *
 * @module
 */
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
