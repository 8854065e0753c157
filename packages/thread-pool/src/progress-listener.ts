import { AsyncResource } from 'node:async_hooks'
import { requireFunction } from '@cupola/core/authoring'
import type { CallListener } from '@cupola/interruptible-worker/authoring'
import { tell } from './settlement.ts'

/** Passes the progress of a call on, in the async context in which this was made. */
export class ProgressListener implements CallListener {
  readonly credit = 0
  readonly hearsProgress = true
  readonly #listener: (value: unknown) => void

  constructor(listener: (value: unknown) => void) {
    requireFunction('onProgress', listener)
    this.#listener = AsyncResource.bind((value: unknown) => tell(listener, value))
  }

  onAccepted(): void {}

  onItems(): void {}

  onProgress(value: unknown): void {
    this.#listener(value)
  }
}
