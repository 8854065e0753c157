import type { Progress } from '@cupola/bench'
import { durationText } from '../digest/figures.ts'
import type { Output } from '../terminal.ts'

/** How often a log gets a line: often enough to see that something moves. */
const LINE_INTERVAL_MS = 5000

/** Shows how far a comparison is. */
export interface TurnsDisplay {
  show(progress: Progress): void
  /** Takes the display away. */
  end(): void
}

/** One line, drawn over on a terminal; elsewhere a new one from time to time. */
export function turnsDisplayOn(output: Output): TurnsDisplay {
  const { interactive, stream, colors } = output
  const began = performance.now()
  let nextMs = LINE_INTERVAL_MS
  return {
    show({ done, all, what }) {
      const elapsedMs = performance.now() - began
      const left = done === 0 ? '' : `, ${durationText((elapsedMs / done) * (all - done))} left`
      const text = `${done} of ${all}${left}`
      // A line that is too long would become two, of which only one is drawn over.
      const room = Math.max(0, output.columns - text.length - 2)
      if (interactive) stream.write(`\r\u001B[K${text} ${colors.dim(what.slice(0, room))}`)
      else if (elapsedMs >= nextMs) {
        nextMs = elapsedMs + LINE_INTERVAL_MS
        output.line(`${text}: ${what}`)
      }
    },
    end() {
      if (interactive) stream.write('\r\u001B[K')
    },
  }
}
