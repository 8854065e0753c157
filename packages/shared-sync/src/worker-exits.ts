import type { Worker } from 'node:worker_threads'
import { ENDED, LIFE, SEATS_USED, seatWord, THREAD_ID, VACANT } from './lot-layout.ts'
import type { Words } from './words.ts'

/**
 * How deaths are found out where threads cannot be looked up: the thread that started one hears of
 * its end, and marks its seats. It does so in its event loop, so not while it is blocked itself, and
 * knows only of threads that it started after it had attached.
 */
export class WorkerExits {
  readonly #lots = new Set<WeakRef<Words>>()

  /** From now on, seats in that lot are marked whose thread this one has started, once it has ended. */
  watch(words: Words): void {
    if (this.#lots.size === 0) process.on('worker', this.#onWorker)
    this.#lots.add(new WeakRef(words))
  }

  /** One listener, however many lots there are. */
  readonly #onWorker = (worker: Worker): void => {
    // Gone by the time of the event.
    const { threadId } = worker
    worker.once('exit', () => this.#mark(threadId))
  }

  #mark(threadId: number): void {
    for (const reference of this.#lots) {
      const words = reference.deref()
      if (words === undefined) this.#lots.delete(reference)
      else markSeats(words, threadId)
    }
    if (this.#lots.size === 0) process.off('worker', this.#onWorker)
  }
}

function markSeats(words: Words, threadId: number): void {
  const used = words.load(SEATS_USED)
  for (let seat = 0; seat < used; seat++) {
    const life = words.load(seatWord(seat, LIFE))
    if (life === VACANT || words.load(seatWord(seat, THREAD_ID)) !== threadId) continue
    words.compareExchange(seatWord(seat, LIFE), life, ENDED)
  }
}
