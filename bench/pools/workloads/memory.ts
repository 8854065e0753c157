import { type Died, runAlone } from '../alone.ts'
import { short, whole } from '../../report.ts'
import type { Workload } from '../workload.ts'
import { CALLS, type Drained, LIMIT_SECONDS } from '../queue-a-million.ts'

/** It ends by itself after {@link LIMIT_SECONDS}, unless its event loop does not get a turn. */
const PATIENCE_MS = (LIMIT_SECONDS + 5) * 1000

export const memory: Workload = {
  name: 'memory',
  title: `${whole(CALLS)} calls of add({ x, y }) made at once, each contestant in a process of its own, once`,

  async run(contestants, report) {
    report.table(
      contestants.map((contestant) => {
        const result = runAlone<Drained>('./queue-a-million.ts', contestant, PATIENCE_MS)
        return {
          '': contestant.name,
          'peak RSS, MiB': 'peakBytes' in result ? mebibytes(result.peakBytes) : '',
          'RSS before, MiB': 'peakBytes' in result ? mebibytes(result.bytesBefore) : '',
          'made after, s': 'peakBytes' in result ? short(result.madeSeconds) : '',
          'all settled after, s': describeEnd(result),
        }
      }),
    )
    return []
  },
}

function describeEnd(result: Drained | Died): string {
  if ('died' in result) return result.died
  if (result.settled === CALLS) return short(result.seconds)
  return `only ${whole(result.settled)} after ${short(result.seconds)}`
}

function mebibytes(bytes: number): string {
  return whole(bytes / (1 << 20))
}
