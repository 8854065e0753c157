// Checked by the compiler alone: each line compiles, or does not where it says so.
import { type Clock, systemClock, type Timer } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'

// Whoever takes a clock takes either.
const clocks: readonly Clock[] = [systemClock, new VirtualClock({ wall: 0 })]
const timer: Timer | undefined = clocks[0]?.setTimer(() => {}, 5)
timer?.[Symbol.dispose]()

// @ts-expect-error -- a delay is a number
systemClock.setTimer(() => {}, '5')
// @ts-expect-error -- a delay is not left out
systemClock.setTimer(() => {})
// @ts-expect-error -- the function comes first, as in setTimeout
systemClock.setTimer(5, () => {})
// @ts-expect-error -- only a virtual clock can be moved
void systemClock.advance(5)
// @ts-expect-error -- a wall time is a number
void new VirtualClock({ wall: new Date() })
