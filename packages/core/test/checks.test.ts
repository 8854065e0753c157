import { type Clock, systemClock } from '@cupola/core'
import {
  requireArray,
  requireBigInt,
  requireBoolean,
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireSignal,
  requireOneOf,
  requireString,
} from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'

const notNumbers = [undefined, null, '5', true, 5n, {}, [5], () => 5, Symbol('five')]

const halfASignal = { aborted: false, addEventListener() {} }

describe('requireInteger()', () => {
  it.each([1, 2, 1023, 1024])('gives back %j, which is from 1 to 1024', (value) => {
    expect(requireInteger('maxThreads', value, 1, 1024)).toBe(value)
  })

  it.each([0, -1, 1025, 1.5, NaN, Infinity, -Infinity])('refuses %d with a RangeError', (value) => {
    expect(() => requireInteger('maxThreads', value, 1, 1024)).toThrow(
      new RangeError(`Cannot use maxThreads: got ${value}, expected an integer from 1 to 1024`),
    )
  })

  it.each(notNumbers)('refuses %o with a TypeError', (value) => {
    expect(() => requireInteger('maxThreads', untyped(value), 1, 1024)).toThrow(TypeError)
  })

  it.each([0, 2 ** 31, 2 ** 52, Infinity])('allows %d where there is no upper limit', (value) => {
    expect(requireInteger('capacity', value, 0, Infinity)).toBe(value)
  })

  it.each([-1, NaN, 0.5, -Infinity])('refuses %d even without an upper limit', (value) => {
    expect(() => requireInteger('capacity', value, 0, Infinity)).toThrow(
      new RangeError(
        `Cannot use capacity: got ${value}, expected an integer from 0 up, or Infinity`,
      ),
    )
  })
})

describe('requireBigInt()', () => {
  it.each([1n, 2n, 2n ** 80n])('gives back %s, which is from 1 to 2⁸⁰', (value) => {
    expect(requireBigInt('start', value, 1n, 2n ** 80n)).toBe(value)
  })

  it.each([0n, -1n, 11n])('refuses %s with a RangeError', (value) => {
    expect(() => requireBigInt('start', value, 1n, 10n)).toThrow(
      new RangeError(`Cannot use start: got ${value}, expected a bigint from 1 to 10`),
    )
  })

  it('refuses what is too small even without an upper limit', () => {
    expect(requireBigInt('mark', 2n ** 200n, 0n)).toBe(2n ** 200n)
    expect(() => requireBigInt('mark', -1n, 0n)).toThrow(
      new RangeError('Cannot use mark: got -1, expected a bigint from 0 up'),
    )
  })

  it.each([
    [5, 'number'],
    ['5', 'string'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[5n], 'array'],
  ])('refuses %o with a TypeError', (value, kind) => {
    expect(() => requireBigInt('start', untyped(value), 0n)).toThrow(
      new TypeError(`Cannot use start: got ${kind}, expected a bigint`),
    )
  })
})

describe('requireDuration()', () => {
  it.each([0, -0, 0.5, 1, 2 ** 31, Number.MAX_VALUE, Infinity])('gives back %d', (value) => {
    expect(requireDuration('timeout', value)).toBe(value)
  })

  it.each([-1, -0.5, -Infinity, NaN])('refuses %d with a RangeError', (value) => {
    expect(() => requireDuration('timeout', value)).toThrow(
      new RangeError(`Cannot use timeout: got ${value}, expected milliseconds from 0 up`),
    )
  })

  it.each(notNumbers)('refuses %o with a TypeError', (value) => {
    expect(() => requireDuration('timeout', untyped(value))).toThrow(TypeError)
  })

  it('names the argument and what it got instead of a number', () => {
    expect(() => requireDuration('timeout', untyped('5'))).toThrow(
      'Cannot use timeout: got string, expected a number',
    )
    expect(() => requireDuration('timeout', untyped(null))).toThrow(
      'Cannot use timeout: got null, expected a number',
    )
  })
})

describe('requireFunction()', () => {
  it.each([() => {}, async () => {}, class {}, Math.max])('allows %o', (value) => {
    expect(() => requireFunction('fn', value)).not.toThrow()
  })

  it.each([undefined, null, 5, 'fn', {}, { call() {} }])('refuses %o with a TypeError', (value) => {
    const kind = value === null ? 'null' : typeof value

    expect(() => requireFunction('fn', value)).toThrow(
      new TypeError(`Cannot use fn: got ${kind}, expected a function`),
    )
  })
})

describe('requireObject()', () => {
  it.each([{}, new Map(), Object.create(null)])('allows %o', (value) => {
    expect(() => requireObject('options', value)).not.toThrow()
  })

  it.each([undefined, null, 500, 'text', () => {}])('refuses %o with a TypeError', (value) => {
    const kind = value === null ? 'null' : typeof value

    expect(() => requireObject('options', value)).toThrow(
      new TypeError(`Cannot use options: got ${kind}, expected an object`),
    )
  })

  it.each([[[]], [[500]]])('refuses the array %j with a TypeError', (value) => {
    expect(() => requireObject('options', value)).toThrow(
      new TypeError('Cannot use options: got array, expected an object'),
    )
  })
})

describe('requireArray()', () => {
  it.each([[[]], [[500]]])('allows %j', (value) => {
    expect(() => requireArray('waits', value)).not.toThrow()
  })

  it.each([undefined, null, 500, 'text', {}, new Set()])('refuses %o with a TypeError', (value) => {
    const kind = value === null ? 'null' : typeof value

    expect(() => requireArray('waits', value)).toThrow(
      new TypeError(`Cannot use waits: got ${kind}, expected an array`),
    )
  })
})

describe('requireBoolean()', () => {
  it.each([true, false])('gives back %j', (value) => {
    expect(requireBoolean('debug', value)).toBe(value)
  })

  it.each([
    ['false', 'string'],
    [0, 'number'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[], 'array'],
  ])('refuses %j with a TypeError', (value, kind) => {
    expect(() => requireBoolean('debug', untyped(value))).toThrow(
      new TypeError(`Cannot use debug: got ${kind}, expected a boolean`),
    )
  })
})

describe('requireString()', () => {
  it.each(['', 'text'])('gives back %j', (value) => {
    expect(requireString('name', value)).toBe(value)
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, 'number'],
    [['text'], 'array'],
    [new String('text'), 'object'],
    [Symbol('text'), 'symbol'],
  ])('refuses %o with a TypeError', (value, kind) => {
    expect(() => requireString('name', untyped(value))).toThrow(
      new TypeError(`Cannot use name: got ${kind}, expected a string`),
    )
  })
})

describe('requireOneOf()', () => {
  const WORDS = ['all', 'none', ''] as const

  it.each(WORDS)('gives back %j', (word) => {
    expect(requireOneOf('which', word, WORDS)).toBe(word)
  })

  it.each([
    ['some', "'some'"],
    ['toString', "'toString'"],
    [['all'], 'array'],
    [new String('all'), 'object'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('refuses %o with a TypeError', (value, shown) => {
    expect(() => requireOneOf('which', untyped(value), WORDS)).toThrow(
      new TypeError(`Cannot use which: got ${shown}, expected one of 'all', 'none', ''`),
    )
  })
})

describe('requireClock()', () => {
  const own: Clock = { ...systemClock }

  it.each([systemClock, new VirtualClock(), own])('gives back a clock', (clock) => {
    expect(requireClock('clock', clock)).toBe(clock)
  })

  it.each([undefined, null, 'now', 5, [], Date.now])('refuses %o with a TypeError', (value) => {
    expect(() => requireClock('clock', untyped(value))).toThrow(
      /^Cannot use clock: got \w+, expected an object$/,
    )
  })

  it.each(['now', 'wall', 'setTimer'])('refuses a clock without %s()', (method) => {
    expect(() => requireClock('clock', untyped({ ...systemClock, [method]: undefined }))).toThrow(
      new TypeError(`Cannot use clock: it has no ${method}(), expected a Clock`),
    )
  })
})

describe('requireSignal()', () => {
  it('allows an AbortSignal, aborted or not', () => {
    expect(() => requireSignal('signal', new AbortController().signal)).not.toThrow()
    expect(() => requireSignal('signal', AbortSignal.abort())).not.toThrow()
  })

  it('allows an object that works like one, as from another realm', () => {
    const signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined })

    expect(() => requireSignal('signal', signal)).not.toThrow()
  })

  it.each([undefined, null, 5, 'signal', {}, halfASignal, new EventTarget()])(
    'refuses %o with a TypeError',
    (value) => {
      expect(() => requireSignal('signal', value)).toThrow(
        /^Cannot use signal: got \w+, expected an AbortSignal$/,
      )
      expect(() => requireSignal('signal', value)).toThrow(TypeError)
    },
  )

  it('refuses an AbortController, which is not its signal', () => {
    expect(() => requireSignal('signal', new AbortController())).toThrow(TypeError)
  })
})
