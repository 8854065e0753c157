import { parseUniqueName, reseed, uniqueName, UniqueNames } from '@cupola/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { untyped } from '../../../test/untyped.ts'

const place = { host: 'web-1', pid: () => 4711, thread: 0 }

/** With a nonce that is the same each time. */
function names(options = {}): UniqueNames {
  return new UniqueNames({ ...place, fillRandom: (target) => target.fill(0xab), ...options })
}

describe('UniqueNames.next()', () => {
  it('is prefix, host, process, thread, nonce and counter', () => {
    expect(names().next('upload')).toBe('upload~web-1~4711~0~abababababababab~00')
  })

  it('begins with the host if there is no prefix', () => {
    expect(names().next()).toBe('web-1~4711~0~abababababababab~00')
  })

  it('counts over all prefixes', () => {
    const some = names()

    const made = [some.next('a'), some.next('b'), some.next('b'), some.next()]

    expect(made.map((name) => parseUniqueName(name).counter)).toEqual([0, 1, 2, 3])
  })

  it('does not repeat where the counter gets another digit', () => {
    const some = names()

    const made = Array.from({ length: 70_000 }, () => some.next('x'))

    expect(new Set(made).size).toBe(70_000)
    expect(made.map((name) => parseUniqueName(name).counter)).toEqual([...made.keys()])
  })

  it.each([
    ['a~b', 'a=7eb'],
    ['a=b', 'a=3db'],
    ['a b', 'a=20b'],
    ['ü', '=c3=bc'],
    ['🙂', '=f0=9f=99=82'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a=2fb=5cc=3ad=2ae=3ff=22g=3ch=3ei=7cj'],
    ['\0\n', '=00=0a'],
    ['.hidden', '=2ehidden'],
    ['-rf', '=2drf'],
    ['a.b-c_d', 'a.b-c_d'],
    ['nul.txt', 'nul=2etxt'],
    ['COM1.log', 'COM1=2elog'],
    ['null.txt', 'null.txt'],
  ])('writes the prefix %j as %s', (prefix, written) => {
    expect(names().next(prefix)).toBe(`${written}~web-1~4711~0~abababababababab~00`)
  })

  it('differs also where upper and lower case do not', () => {
    const some = names()

    expect(some.next('A').toLowerCase()).not.toBe(some.next('a').toLowerCase())
  })

  it('has another nonce after a reseed, and asks where it is again', () => {
    let pid = 1
    const some = new UniqueNames({ host: 'web-1', pid: () => pid })
    const before = parseUniqueName(some.next())

    pid = 2
    reseed()
    const after = parseUniqueName(some.next())

    expect([before.pid, after.pid]).toEqual([1, 2])
    expect(after.nonce).not.toBe(before.nonce)
    expect(after.counter).toBe(1)
  })

  it('is 215 characters long at most', () => {
    const longest = names({ host: 'h'.repeat(300), pid: () => 2 ** 32 - 1, thread: 2 ** 32 - 1 })

    const name = longest.next('p'.repeat(96))

    expect(name.length).toBe(215 - 12)
    expect(parseUniqueName(name)).toMatchObject({ host: 'h'.repeat(64), pid: 2 ** 32 - 1 })
  })

  it('cuts a host between characters', () => {
    const { host } = parseUniqueName(names({ host: 'ü'.repeat(20) }).next())

    expect(host).toBe('ü'.repeat(10))
  })

  it('cuts a host that is very long', () => {
    const host = '🙂'.repeat(20_000)

    expect(names({ host }).next()).toBe(`${'=f0=9f=99=82'.repeat(5)}~4711~0~abababababababab~00`)
  })

  it('draws a nonce after a reseed, also where that fails at first', () => {
    let next = 1
    const fillRandom = (target: Uint8Array) => {
      if (next === 2) throw new Error(`no entropy for the ${next++}nd`)
      target.fill(next++)
    }
    const some = names({ fillRandom })
    reseed()

    expect(() => some.next()).toThrow('no entropy')

    expect(some.next()).toBe('web-1~4711~0~0303030303030303~00')
  })

  it('calls a machine without a name localhost', () => {
    expect(parseUniqueName(names({ host: '' }).next()).host).toBe('localhost')
  })

  it('refuses a prefix that gets too long', () => {
    expect(() => names().next('ü'.repeat(17))).toThrow(
      new RangeError(
        'Cannot use prefix: it takes 102 characters as it is written, expected up to 96',
      ),
    )
  })

  it('goes on as before after a prefix that it refused', () => {
    const some = names()
    some.next('good')

    expect(() => some.next('\uD800')).toThrow(
      new TypeError('Cannot use prefix: got half of a character, expected well-formed text'),
    )

    expect(some.next('good')).toBe('good~web-1~4711~0~abababababababab~01')
  })

  it.each([
    [5, 'number'],
    [null, 'null'],
    [{}, 'object'],
  ])('refuses %j for a prefix', (prefix, kind) => {
    const refusal = new TypeError(`Cannot use prefix: got ${kind}, expected a string`)

    expect(() => names().next(untyped(prefix))).toThrow(refusal)
    expect(() => uniqueName(untyped(prefix))).toThrow(refusal)
  })
})

describe('new UniqueNames()', () => {
  it.each([
    [{ host: 5 }, TypeError, 'host: got number, expected a string'],
    [{ host: null }, TypeError, 'host: got null, expected a string'],
    [{ host: '\uDC00' }, TypeError, 'host: got half of a character, expected well-formed text'],
    [{ pid: 5 }, TypeError, 'pid: got number, expected a function'],
    [{ pid: () => -1 }, RangeError, 'pid: got -1, expected an integer from 0 to 4294967295'],
    [
      { pid: () => 2 ** 32 },
      RangeError,
      'pid: got 4294967296, expected an integer from 0 to 4294967295',
    ],
    [{ pid: () => '5' }, TypeError, 'pid: got string, expected a number'],
    [{ thread: -1 }, RangeError, 'thread: got -1, expected an integer from 0 to 4294967295'],
    [{ thread: 0.5 }, RangeError, 'thread: got 0.5, expected an integer from 0 to 4294967295'],
    [{ thread: '1' }, TypeError, 'thread: got string, expected a number'],
    [{ fillRandom: 'random' }, TypeError, 'fillRandom: got string, expected a function'],
    [null, TypeError, 'options: got null, expected an object'],
    [[], TypeError, 'options: got array, expected an object'],
    [5, TypeError, 'options: got number, expected an object'],
  ])('refuses %o', (options, kind, message) => {
    const make = () => new UniqueNames(untyped(options))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })
})

describe('parseUniqueName()', () => {
  it('gives back what a name was made of', () => {
    // At most 64 characters as it is written: five of four bytes each, and one that is plain.
    const text = fc.string({ unit: 'binary', maxLength: 5 })
    const natural = fc.nat(2 ** 31 - 1)
    fc.assert(
      fc.property(text, text, natural, natural, (prefix, host, pid, thread) => {
        const name = names({ host: `h${host}`, pid: () => pid, thread }).next(prefix)

        expect(parseUniqueName(name)).toEqual({
          prefix,
          host: `h${host}`,
          pid,
          thread,
          nonce: 'abababababababab',
          counter: 0,
        })
      }),
    )
  })

  it('reads what uniqueName() makes here', () => {
    const { prefix, pid, thread } = parseUniqueName(uniqueName('here'))

    expect({ prefix, pid, thread }).toEqual({ prefix: 'here', pid: process.pid, thread: 0 })
  })

  it.each([
    '',
    'upload',
    'web-1~4711~0~abababababababab',
    'a~b~web-1~4711~0~abababababababab~00',
    'web-1~4711~0~ABABABABABABABAB~00',
    'web-1~04711~0~abababababababab~00',
    'web-1~4711~0~abababababababab~0',
    'web-1~4711~0~abababababababab~000',
    '=41~web-1~4711~0~abababababababab~00',
    '=FC~web-1~4711~0~abababababababab~00',
    '=c3~web-1~4711~0~abababababababab~00',
    ' web-1~4711~0~abababababababab~00',
    `${'a'.repeat(97)}~web-1~4711~0~abababababababab~00`,
    `${'a'.repeat(65)}~4711~0~abababababababab~00`,
    'web-1~4711~0~abababababababab~00\n',
    'web-1~4294967296~0~abababababababab~00',
    'web-1~4711~4294967296~abababababababab~00',
    'web-1~4711~0~abababababababab~20000000000000',
  ])('refuses %j', (text) => {
    const shown = text.length > 80 ? `"${text.slice(0, 77)}..."` : `"${text}"`

    expect(() => parseUniqueName(text)).toThrow(
      new TypeError(`Cannot parse ${shown}: expected a name as uniqueName() makes it`),
    )
  })

  it.each([
    [5, 'number'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('refuses %o, which is no text', (text, got) => {
    expect(() => parseUniqueName(untyped(text))).toThrow(
      new TypeError(`Cannot use text: got ${got}, expected a string`),
    )
  })
})

describe('names of several processes', () => {
  it('differ, although host, process and thread are the same', async () => {
    const program = new URL('fixtures/print-names.ts', import.meta.url)

    const ends = await Promise.all(Array.from({ length: 20 }, () => runProgram(program, '500')))

    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, '']))
    const lines = ends.flatMap(({ stdout }) => stdout.trimEnd().split('\n'))
    expect(lines.length).toBe(20 * 500)
    expect(new Set(lines).size).toBe(lines.length)
    expect(new Set(lines.map((line) => line.split('~').slice(0, 4).join('~')))).toEqual(
      new Set(['job~same~1~0']),
    )
  })
})
