// An object that takes its time from a clock and tells what happens to it: a program gives it the
// machine's time, a test lets a day pass in no time.
import assert from 'node:assert/strict'
import { type Clock, type ListenOptions, systemClock, type Timer } from '@cupola/core'
import { Emitter } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'

interface CacheEvents {
  /** An entry was too old and is gone. */
  readonly expired: { readonly key: string }
}

class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly timer: Timer }>()
  readonly #events = new Emitter<CacheEvents>()
  readonly #maxAgeMs: number
  readonly #clock: Clock

  constructor(maxAgeMs: number, clock = systemClock) {
    this.#maxAgeMs = maxAgeMs
    this.#clock = clock
  }

  on<Name extends keyof CacheEvents>(
    name: Name,
    listener: (event: CacheEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value
  }

  set(key: string, value: Value): void {
    this.#entries.get(key)?.timer.cancel()
    const timer = this.#clock.setTimer(() => this.#expire(key), this.#maxAgeMs)
    timer.unref()
    this.#entries.set(key, { value, timer })
  }

  #expire(key: string): void {
    this.#entries.delete(key)
    this.#events.emit('expired', { key })
  }
}

const dayMs = 24 * 3600 * 1000
const clock = new VirtualClock()
const cache = new ExpiringCache<string>(dayMs, clock)
const expired: string[] = []
cache.on('expired', ({ key }) => expired.push(key))

cache.set('weather', 'rain')
await clock.advance(dayMs - 1)
assert.equal(cache.get('weather'), 'rain')
await clock.advance(1)
assert.deepEqual([cache.get('weather'), expired], [undefined, ['weather']])
console.log('The weather of yesterday is forgotten.')
