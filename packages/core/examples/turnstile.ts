// A primitive of one's own: a semaphore whose waits can be aborted, time out and be refused, and
// that never lets anybody overtake. All that is left to write is who may go in.
import assert from 'node:assert/strict'
import { ClosedError, TimeoutError, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'

class Turnstile {
  readonly #queue = new LinkedList<Waiter<Disposable>>()
  #free: number
  #closed = false

  readonly #place: Waitable<Disposable> = {
    action: 'pass the turnstile',
    refusal: () => (this.#closed ? this.#closedError() : undefined),
    tryNow: () => (this.#free > 0 ? this.#admit() : NOT_YET),
    queueOf: () => this.#queue,
  }

  constructor(places: number) {
    this.#free = places
  }

  enter(options?: WaitOptions): Promise<Disposable> {
    return wait(this.#place, options, undefined)
  }

  close(): void {
    this.#closed = true
    while (this.#queue.first !== undefined) this.#queue.first.reject(this.#closedError())
  }

  #admit(): Disposable {
    let inside = true
    this.#free--
    return {
      [Symbol.dispose]: () => {
        if (!inside) return
        inside = false
        this.#free++
        this.#queue.first?.resolve(this.#admit())
      },
    }
  }

  #closedError(): ClosedError {
    return new ClosedError('pass the turnstile', 'the turnstile')
  }
}

const turnstile = new Turnstile(1)
const ada = await turnstile.enter()
const bob = turnstile.enter()
await assert.rejects(turnstile.enter({ timeout: 5 }), TimeoutError)
ada[Symbol.dispose]()
await bob
const cyd = turnstile.enter({ signal: AbortSignal.abort('no patience') })
await assert.rejects(cyd, (reason) => reason === 'no patience')
turnstile.close()
await assert.rejects(turnstile.enter(), ClosedError)
console.log('Ada went in, then Bob; the others did not wait in vain.')
