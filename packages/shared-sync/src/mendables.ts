import { onThreadInterrupted } from '@cupola/core/authoring'

/** What a thread has to mend when its code was terminated inside, and the thread lives on. */
export interface Mendable {
  mend(): void
}

/** What a thread uses, weakly: what nobody uses any more gives its seat back, and is mended by that. */
export class Mendables {
  readonly #mendables = new Set<WeakRef<Mendable>>()
  readonly #forgotten = new FinalizationRegistry<WeakRef<Mendable>>((gone) => {
    this.#mendables.delete(gone)
  })
  #listening: Disposable | undefined

  add(mendable: Mendable): void {
    this.#listening ??= onThreadInterrupted(() => this.#mendAll())
    if (this.#listening === undefined) return
    const reference = new WeakRef(mendable)
    this.#mendables.add(reference)
    this.#forgotten.register(mendable, reference)
  }

  #mendAll(): void {
    for (const reference of this.#mendables) reference.deref()?.mend()
  }
}
