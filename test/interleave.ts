import type { Scheduler } from 'fast-check'

/** One step of an actor. */
export interface Step {
  /** Nobody gets between this step and the one before it of the same actor, not even a promise. */
  readonly atOnce: boolean
}

/**
 * Lets actors take their steps, each in its own order, and has `scheduler` pick whose turn it is.
 * Every promise gets to tell what it has to tell between two turns.
 *
 * @param perform - Takes one step, synchronously.
 */
export async function interleave<S extends Step>(
  scheduler: Scheduler,
  scripts: readonly (readonly S[])[],
  perform: (step: S) => void,
): Promise<void> {
  const actors = scripts.map(async (script, actor) => {
    for (const step of script) {
      if (!step.atOnce) {
        await scheduler.schedule(Promise.resolve(), `${actor}: ${JSON.stringify(step)}`)
      }
      perform(step)
    }
  })
  await scheduler.waitFor(Promise.all(actors))
}
