import { onThreadInterrupted } from '@cupola/core/authoring'

/** What a thread has to mend when its code was terminated inside, and the thread lives on. */
export interface Mendable {
  mend(): void
}

/** What this thread uses, weakly: what nobody uses any more gives its seat back, and is mended by that. */
const mendables = new Set<WeakRef<Mendable>>()
const forgotten = new FinalizationRegistry<WeakRef<Mendable>>((gone) => mendables.delete(gone))
let listening: Disposable | undefined

/** Has it mended before this thread does anything else, after an interruption that it survives. */
export function mendWhenInterrupted(mendable: Mendable): void {
  listening ??= onThreadInterrupted(mendAll)
  if (listening === undefined) return
  const reference = new WeakRef(mendable)
  mendables.add(reference)
  forgotten.register(mendable, reference)
}

function mendAll(): void {
  for (const reference of mendables) reference.deref()?.mend()
}
