import {
  AsyncEvent,
  Barrier,
  Condition,
  EventCache,
  KeyedMutex,
  Latch,
  Mutex,
  Semaphore,
} from '@cupola/sync'
import { describe, expect, it } from 'vitest'

const makers: readonly (readonly [string, (options: never) => unknown])[] = [
  ['AsyncEvent', (options) => new AsyncEvent(options)],
  ['Barrier', (options) => new Barrier(1, options)],
  ['Condition', (options) => new Condition(undefined, options)],
  ['EventCache', (options) => new EventCache(options)],
  ['KeyedMutex', (options) => new KeyedMutex(options)],
  ['Latch', (options) => new Latch(1, options)],
  ['Mutex', (options) => new Mutex(options)],
  ['Semaphore', (options) => new Semaphore(1, options)],
]

describe.each(makers)('%s', (_, make) => {
  it.each([
    ['null', null],
    ['string', 'x'],
    ['number', 2],
  ])('refuses %s for its options', (kind, options) => {
    expect(() => make(options as never)).toThrow(
      new TypeError(`Cannot use options: got ${kind}, expected an object`),
    )
  })
})
