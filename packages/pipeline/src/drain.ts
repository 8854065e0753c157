import type { Clock } from '@cupola/core'
import type { RunReport } from './report.ts'
import { checkRunOptions, Run, type RunOptions } from './run.ts'
import { END, type Open, PENDING } from './stage.ts'

/** Runs a pipeline to its end as fast as it goes, giving `take` each item that arrives there. */
export async function drain<T>(
  open: Open<T>,
  clock: Clock,
  options: RunOptions,
  take: (item: T) => void,
): Promise<RunReport> {
  checkRunOptions(options)
  const run = new Run(clock, options)
  const last = run.open(open)
  const pump = () => {
    while (!run.ending) {
      const item = last.poll()
      if (item === PENDING) return
      if (item === END) return run.complete()
      run.items++
      take(item)
    }
  }
  last.downstream = { wake: pump }
  pump()
  await run.finished
  run.throwIfFailed()
  return run.report()
}
