import { type Clock, systemClock, type Timer } from '@cupola/core'

/**
 * The machine's time, but whoever is out of it looks once more before it gives up. What it waits for
 * may be held by a thread that has ended, and nobody may have looked: the vigil is only as long as
 * somebody waits.
 *
 * @param look - May end the wait, and so cancel the timer that is about to fire.
 */
export function clockWithLastLook(look: () => void): Clock {
  return {
    now: () => systemClock.now(),
    wall: () => systemClock.wall(),
    setTimer(fn, delayMs) {
      let isCancelled = false
      const timer = systemClock.setTimer(() => {
        look()
        if (!isCancelled) fn()
      }, delayMs)
      const cancel = (): void => {
        isCancelled = true
        timer.cancel()
      }
      return {
        cancel,
        ref: () => timer.ref(),
        unref: () => timer.unref(),
        [Symbol.dispose]: cancel,
      } satisfies Timer
    },
  }
}
