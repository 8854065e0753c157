import fc, { type Arbitrary, type IAsyncProperty, type Scheduler } from 'fast-check'

/** One step of an actor. */
export interface Step {
  /** Nobody gets between this step and the one before it of the same actor, not even a promise. */
  readonly atOnce: boolean
}

/** Something beside its reference: both take each step, and have to look alike after it. */
export interface Pair<S> {
  /** Takes one step, synchronously. */
  take(step: S): void
  /** Whether everybody was told what the reference says, and nothing is left. */
  finish(): Promise<void>
}

/**
 * That a pair stays alike, whatever a few actors do, each his steps in order, and whoever's turn a
 * scheduler picks. Every promise gets to tell what it has to tell between two turns.
 */
export function interleavings<S extends Step>(
  step: Arbitrary<S>,
  make: () => Pair<S>,
): IAsyncProperty<[Scheduler, S[][]]> {
  const anyScripts = fc.array(fc.array(step, { maxLength: 10 }), {
    minLength: 1,
    maxLength: 4,
    size: 'max',
  })
  return fc.asyncProperty(fc.scheduler(), anyScripts, async (scheduler, scripts) => {
    const pair = make()
    const actors = scripts.map(async (script, actor) => {
      for (const one of script) {
        if (!one.atOnce) {
          await scheduler.schedule(Promise.resolve(), `${actor}: ${JSON.stringify(one)}`)
        }
        pair.take(one)
      }
    })
    await scheduler.waitFor(Promise.all(actors))
    await pair.finish()
  })
}
