// Every argument and option, each with every kind of value that it must not have, and the very error.
import {
  BufferPool,
  type NumberFormat,
  type PooledBuffer,
  SharedBufferPool,
} from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'
import { reasonOf, thrownBy } from '../../../test/reason-of.ts'
import { untyped } from '../../../test/untyped.ts'

/** A value, and what messages call it. */
type Value = readonly [value: unknown, kind: string]
/** A title, what is done, and what comes of it. */
type Case = readonly [title: string, act: () => unknown, error: Error]

const SAFE = Number.MAX_SAFE_INTEGER
const VALUES: readonly Value[] = [
  ['2', 'string'],
  [2n, 'bigint'],
  [true, 'boolean'],
  [null, 'null'],
  [[2], 'array'],
  [{}, 'object'],
  [() => 2, 'function'],
  [Symbol('2'), 'symbol'],
]
const NOTHING: Value = [undefined, 'undefined']

const range = (name: string, got: unknown, expected: string): RangeError =>
  new RangeError(`Cannot use ${name}: got ${String(got)}, expected ${expected}`)
const type = (name: string, got: string, expected: string): TypeError =>
  new TypeError(`Cannot use ${name}: got ${got}, expected ${expected}`)
const shown = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? '[2]' : String(value)

/** All that is no integer from `least` to `most`. */
function noInteger(
  title: string,
  name: string,
  [least, most]: readonly [number, number],
  act: (value: never) => unknown,
  values: readonly Value[] = VALUES,
): Case[] {
  const expected = `an integer from ${least} ${most === Infinity ? 'up, or Infinity' : `to ${most}`}`
  const numbers = [
    least - 1,
    least + 0.5,
    Number.NaN,
    -Infinity,
    Number.MAX_VALUE,
    Infinity,
    most * 2,
  ]
  const outside = numbers.filter((n) => !(Number.isInteger(n) && n >= least && n <= most))
  return [
    ...outside
      .filter((n) => n !== most)
      .map((n): Case => [`${title}: ${n}`, () => act(untyped(n)), range(name, n, expected)]),
    ...noKind(title, name, 'a number', act, values),
  ]
}

/** All that has another type. */
function noKind(
  title: string,
  name: string,
  expected: string,
  act: (value: never) => unknown,
  values: readonly Value[] = VALUES,
): Case[] {
  return values.map(([value, kind]) => [
    `${title}: ${shown(value)}`,
    () => act(untyped(value)),
    type(name, kind, expected),
  ])
}

/** All that is none of some words. */
function noWord(
  title: string,
  name: string,
  expected: string,
  act: (value: never) => unknown,
): Case[] {
  const others = VALUES.filter(([value]) => typeof value !== 'string')
  return [
    [`${title}: 'klingon'`, () => act(untyped('klingon')), type(name, `'klingon'`, expected)],
    ...noKind(title, name, expected, act, others),
  ]
}

function noDuration(title: string, name: string, act: (value: never) => unknown): Case[] {
  const expected = 'milliseconds from 0 up'
  return [
    ...[-1, -Infinity, Number.NaN].map((n): Case => [
      `${title}: ${n}`,
      () => act(untyped(n)),
      range(name, n, expected),
    ]),
    ...noKind(title, name, 'a number', act),
  ]
}

/** Whatever has the kind asked for is left out. */
const but = (kind: string, ...more: readonly Value[]): readonly Value[] => [
  ...VALUES.filter(([, one]) => one !== kind),
  ...more,
]

/** What is thrown, or rejected with. */
async function errorBy(act: () => unknown): Promise<unknown> {
  let result: unknown
  try {
    result = act()
  } catch (error) {
    return error
  }
  return await reasonOf(Promise.resolve(result))
}

const newPool = (): BufferPool => new BufferPool({ blockSize: 16, maxBlocks: 4 })
const newShared = (): SharedBufferPool => new SharedBufferPool({ blockSize: 16, maxBlocks: 4 })

describe.each([
  ['BufferPool', newPool()],
  ['SharedBufferPool', newShared()],
])('%s', (_, pool) => {
  const blocks: readonly [number, number] = [1, SAFE]
  const withNothing = but('none', NOTHING)
  const timeout = (value: never): unknown => pool.acquire(1, { timeout: value })
  const expectedBuffer = 'a PooledBuffer'

  it.each([
    ...noInteger('tryAllocate(blocks)', 'blocks', blocks, (n) => pool.tryAllocate(n), withNothing),
    ...noInteger('allocate(blocks)', 'blocks', blocks, (n) => pool.allocate(n), withNothing),
    ...noInteger('allocateBytes()', 'bytes', [0, SAFE], (n) => pool.allocateBytes(n), withNothing),
    ...noInteger('acquire(blocks)', 'blocks', blocks, (n) => pool.acquire(n), withNothing),
    ...noInteger('run(blocks)', 'blocks', blocks, (n) => pool.run(n, () => {}), withNothing),
    ...noKind('run(fn)', 'fn', 'a function', (fn) => pool.run(1, fn), but('function', NOTHING)),
    ...noDuration('acquire({ timeout })', 'timeout', timeout),
    ...noDuration('run({ timeout })', 'timeout', (n) => pool.run(1, () => {}, { timeout: n })),
    ...noDuration('tryClose({ timeout })', 'timeout', (n) => pool.tryClose({ timeout: n })),
    ...noKind(
      'tryAllocate(options)',
      'options',
      'an object',
      (o) => pool.tryAllocate(1, o),
      but('object'),
    ),
    ...noKind(
      'allocate(options)',
      'options',
      'an object',
      (o) => pool.allocate(1, o),
      but('object'),
    ),
    ...noKind(
      'allocateBytes(options)',
      'options',
      'an object',
      (o) => pool.allocateBytes(1, o),
      but('object'),
    ),
    ...noKind('acquire(options)', 'options', 'an object', (o) => pool.acquire(1, o), but('object')),
    ...noKind(
      'run(options)',
      'options',
      'an object',
      (o) => pool.run(1, () => {}, o),
      but('object'),
    ),
    ...noKind('tryClose(options)', 'options', 'an object', (o) => pool.tryClose(o), but('object')),
    ...noKind('acquire({ signal })', 'signal', 'an AbortSignal', (signal) =>
      pool.acquire(1, { signal }),
    ),
    ...noKind('tryClose({ signal })', 'signal', 'an AbortSignal', (signal) =>
      pool.tryClose({ signal }),
    ),
    ...noKind(
      'tryAllocate({ tag })',
      'tag',
      'a string',
      (tag) => pool.tryAllocate(1, { tag }),
      but('string'),
    ),
    ...noKind(
      'allocate({ tag })',
      'tag',
      'a string',
      (tag) => pool.allocate(1, { tag }),
      but('string'),
    ),
    ...noKind(
      'acquire({ tag })',
      'tag',
      'a string',
      (tag) => pool.acquire(1, { tag }),
      but('string'),
    ),
    ...noKind(
      'statsOf(tag)',
      'tag',
      'a string',
      (tag) => pool.statsOf(tag),
      but('string', NOTHING),
    ),
  ])('%s', async (_title, act, error) => {
    expect(await errorBy(act)).toEqual(error)
    expect(pool.stats()).toMatchObject({ used: 0, takes: 0, waiting: 0, failures: 0 })
    expect(pool.closed).toBe(false)
  })

  it.each(withNothing)('release(%o)', (value, kind) => {
    expect(thrownBy(() => pool.release(untyped(value)))).toEqual(
      new TypeError(`Cannot release a buffer: got ${kind}, expected ${expectedBuffer}`),
    )
  })
})

describe('new BufferPool()', () => {
  const made = (options: object): BufferPool =>
    new BufferPool(untyped({ maxBlocks: 4, ...options }))

  it.each([
    ...noInteger(
      'maxBlocks',
      'maxBlocks',
      [1, 2 ** 31 - 1],
      (maxBlocks) => made({ maxBlocks }),
      but('none', NOTHING),
    ),
    ...noInteger('blockSize', 'blockSize', [1, 2 ** 30], (blockSize) => made({ blockSize })),
    ...noInteger('initialBlocks', 'initialBlocks', [0, 4], (initialBlocks) =>
      made({ initialBlocks }),
    ),
    ...noDuration('idleTimeoutMs', 'idleTimeoutMs', (idleTimeoutMs) => made({ idleTimeoutMs })),
    ...noWord('zero', 'zero', `one of 'never', 'take', 'release'`, (zero) => made({ zero })),
    ...noWord('leaks', 'leaks', `one of 'off', 'sampled', 'all'`, (leaks) => made({ leaks })),
    ...noWord('guard', 'guard', `one of 'off', 'poison', 'detach'`, (guard) => made({ guard })),
    ...noKind('onLeak', 'onLeak', 'a function', (onLeak) => made({ onLeak }), but('function')),
    ...noKind(
      'onLateWrite',
      'onLateWrite',
      'a function',
      (onLateWrite) => made({ onLateWrite }),
      but('function'),
    ),
    ...noKind('clock', 'clock', 'an object', (clock) => made({ clock }), but('object')),
    ...noKind('options', 'options', 'an object', (o) => new BufferPool(o), but('object', NOTHING)),
  ])('%s', (_, act, error) => {
    expect(thrownBy(act)).toEqual(error)
  })

  it('with a clock that is none', () => {
    expect(thrownBy(() => made({ clock: {} }))).toEqual(
      new TypeError('Cannot use clock: it has no now(), expected a Clock'),
    )
  })
})

describe('SharedBufferPool', () => {
  const shared = newShared()
  const made = (options: object): SharedBufferPool =>
    new SharedBufferPool(untyped({ maxBlocks: 4, ...options }))
  const sync = (options: object): unknown =>
    shared.acquireSync(1, untyped({ allowOnMainThread: true, ...options }))

  it.each([
    ...noInteger(
      'new: maxBlocks',
      'maxBlocks',
      [1, 2 ** 24],
      (maxBlocks) => made({ maxBlocks }),
      but('none', NOTHING),
    ),
    ...noInteger('new: blockSize', 'blockSize', [1, 2 ** 30], (blockSize) => made({ blockSize })),
    ...noInteger('new: maxThreads', 'maxThreads', [1, 4096], (maxThreads) => made({ maxThreads })),
    ...noWord('new: zero', 'zero', `one of 'never', 'take', 'release'`, (zero) => made({ zero })),
    ...noKind(
      'new: options',
      'options',
      'an object',
      (o) => new SharedBufferPool(o),
      but('object', NOTHING),
    ),
    ...noInteger(
      'acquireSync(blocks)',
      'blocks',
      [1, SAFE],
      (n) => shared.acquireSync(n),
      but('none', NOTHING),
    ),
    ...noKind(
      'acquireSync(options)',
      'options',
      'an object',
      (o) => shared.acquireSync(1, o),
      but('object'),
    ),
    ...noDuration('acquireSync({ timeout })', 'timeout', (timeout) => sync({ timeout })),
    ...noKind('acquireSync({ tag })', 'tag', 'a string', (tag) => sync({ tag }), but('string')),
    ...noKind(
      'acquireSync({ allowOnMainThread })',
      'allowOnMainThread',
      'a boolean',
      (allowOnMainThread) => sync({ allowOnMainThread }),
      but('boolean'),
    ),
    ...noKind('reclaim(options)', 'options', 'an object', (o) => shared.reclaim(o), but('object')),
    ...noKind(
      'reclaim({ handedOver })',
      'handedOver',
      'a boolean',
      (handedOver) => shared.reclaim({ handedOver }),
      but('boolean'),
    ),
  ])('%s', (_, act, error) => {
    expect(thrownBy(act)).toEqual(error)
    expect(shared.stats().used).toBe(0)
  })

  it.each(but('none', NOTHING))('handOver(%o)', (value, kind) => {
    expect(thrownBy(() => shared.handOver(untyped(value)))).toEqual(
      new TypeError(`Cannot hand over a buffer: got ${kind}, expected a PooledBuffer`),
    )
  })

  it.each(but('none', NOTHING))('attach(%o)', (value) => {
    expect(thrownBy(() => SharedBufferPool.attach(untyped(value)))).toEqual(
      new TypeError('Cannot attach: expected the handle of a SharedBufferPool'),
    )
  })

  it.each(but('none', NOTHING))('takeOver(%o)', (value, kind) => {
    expect(thrownBy(() => shared.takeOver(untyped(value)))).toEqual(
      new TypeError(
        `Cannot take over a buffer: got ${kind}, expected what handOver() of this pool gives`,
      ),
    )
  })

  it.each([
    ['of another pool', { pool: 'other' }],
    ['with a block that there is not', { blocks: [4] }],
    ['with a block that is no number', { blocks: ['0'] }],
    ['with a fraction of a block', { blocks: [0.5] }],
    ['without blocks', { blocks: [] }],
    ['with blocks that are no array', { blocks: new Set([0]) }],
    ['with a length beyond its blocks', { length: 17 }],
    ['with a length below 0', { length: -1 }],
    ['with a length that is no number', { length: '1' }],
    ['with a number that is none', { bufferId: Number.NaN }],
    ['with a tag that is no string', { tag: 5 }],
    ['with a proof that is no number', { proof: 'x' }],
    ['with a proof that is none', { proof: 1 }],
  ])('takeOver() of a handle %s', (_, change) => {
    const pool = newShared()
    const handle = pool.handOver(pool.allocate(1))

    expect(thrownBy(() => pool.takeOver(untyped({ ...handle, ...change })))).toEqual(
      new TypeError(
        'Cannot take over a buffer: got object, expected what handOver() of this pool gives',
      ),
    )
    expect(pool.takeOver(handle).capacity).toBe(16)
  })
})

describe('PooledBuffer', () => {
  const buffer = new BufferPool({ blockSize: 16, maxBlocks: 2 }).allocate(2).set('content')
  const content: readonly [number, number] = [0, 7]
  const expectedContent = 'a string or a Uint8Array'
  const expectedWord = `one such as 'utf8'`
  const noContent = but('string', NOTHING)

  it.each([
    ...noKind('set(content)', 'content', expectedContent, (value) => buffer.set(value), noContent),
    ...noKind(
      'append(content)',
      'content',
      expectedContent,
      (value) => buffer.append(value),
      noContent,
    ),
    ...noWord('set(encoding)', 'encoding', expectedWord, (word) => buffer.set('x', word)),
    ...noWord('append(encoding)', 'encoding', expectedWord, (word) => buffer.append('x', word)),
    ...noWord('toString(encoding)', 'encoding', expectedWord, (word) => buffer.toString(word)),
    ...noInteger('toString(start)', 'start', content, (n) => buffer.toString('utf8', n)),
    ...noInteger('toString(end)', 'end', [3, 7], (n) => buffer.toString('utf8', 3, n)),
    ...noInteger('toBuffer(start)', 'start', content, (n) => buffer.toBuffer(n)),
    ...noInteger('toBuffer(end)', 'end', [3, 7], (n) => buffer.toBuffer(3, n)),
    ...noInteger('fill(byte)', 'byte', [0, 255], (n) => buffer.fill(n), but('none', NOTHING)),
    ...noInteger('fill(start)', 'start', content, (n) => buffer.fill(0, n)),
    ...noInteger('fill(end)', 'end', [7, 32], (n) => buffer.fill(0, 7, n)),
    ...noInteger('commit()', 'bytes', [0, 25], (n) => buffer.commit(n), but('none', NOTHING)),
    ...noKind(
      'copyTo(target)',
      'target',
      'a Uint8Array',
      (value) => buffer.copyTo(value),
      but('none', NOTHING),
    ),
    ...noInteger('copyTo(start)', 'start', content, (n) => buffer.copyTo(Buffer.alloc(1), n)),
    ...noInteger('reader()', 'position', content, (n) => buffer.reader(n)),
    ...noInteger('writer()', 'position', content, (n) => buffer.writer(n)),
    ...noInteger(
      'reader().seek()',
      'position',
      content,
      (n) => buffer.reader().seek(n),
      but('none', NOTHING),
    ),
    ...noInteger(
      'writer().seek()',
      'position',
      content,
      (n) => buffer.writer().seek(n),
      but('none', NOTHING),
    ),
    ...noInteger('reader().text(bytes)', 'bytes', [0, SAFE], (n) => buffer.reader().text(n)),
    ...noWord('reader().text(encoding)', 'encoding', expectedWord, (word) =>
      buffer.reader().text(1, word),
    ),
    ...noInteger('reader().bytes()', 'bytes', [0, SAFE], (n) => buffer.reader().bytes(n)),
    ...noInteger('reader().span()', 'most', [0, Infinity], (n) => buffer.reader().span(n)),
    ...noWord('reader().read(format)', 'format', `one such as 'UInt32LE'`, (f) =>
      buffer.reader().read(f),
    ),
    ...noWord('writer().write(format)', 'format', `one such as 'UInt32LE'`, (f) =>
      buffer.writer().write(f, untyped(1)),
    ),
    ...noKind(
      'writer().text()',
      'text',
      'a string',
      (value) => buffer.writer().text(value),
      noContent,
    ),
    ...noKind(
      'writer().bytes()',
      'content',
      'a Uint8Array',
      (value) => buffer.writer().bytes(value),
      but('none', NOTHING),
    ),
    ...noKind(
      'appendFrom(source)',
      'source',
      'a stream or something else to iterate over',
      (value) => buffer.appendFrom(value),
      VALUES.filter(([value]) => typeof value !== 'string' && !Array.isArray(value)),
    ),
    ...noKind(
      'appendFrom(options)',
      'options',
      'an object',
      (value) => buffer.appendFrom([], value),
      but('object'),
    ),
    ...noKind('appendFrom({ signal })', 'signal', 'an AbortSignal', (signal) =>
      buffer.appendFrom([], { signal }),
    ),
    ...noKind(
      'appendFrom(chunks)',
      'content',
      expectedContent,
      (value) => buffer.appendFrom([value]),
      noContent.filter(([value]) => value !== null),
    ),
  ])('%s', async (_, act, error) => {
    expect(await errorBy(act)).toEqual(error)
    expect(buffer.toString()).toBe('content')
  })

  it.each([
    [
      'read()',
      () => buffer.reader(4).read('UInt32LE'),
      'Cannot read 4 bytes at 4: the content has 7',
    ],
    ['text()', () => buffer.reader(6).text(2), 'Cannot read 2 bytes at 6: the content has 7'],
    ['bytes()', () => buffer.reader(7).bytes(1), 'Cannot read 1 bytes at 7: the content has 7'],
  ])('reader().%s of more than is left', (_, act, message) => {
    expect(thrownBy(act)).toEqual(new RangeError(message))
  })
})

describe('BufferWriter.write()', () => {
  const buffer = new BufferPool({ blockSize: 16, maxBlocks: 1 }).allocate(1).set('content')
  const write = (format: NumberFormat, value: never): unknown =>
    buffer.writer(0).write(format, value)
  const INTEGERS: readonly (readonly [NumberFormat, number, number])[] = [
    ['Int8', -128, 127],
    ['UInt8', 0, 255],
    ['Int16LE', -32_768, 32_767],
    ['Int16BE', -32_768, 32_767],
    ['UInt16LE', 0, 65_535],
    ['UInt16BE', 0, 65_535],
    ['Int32LE', -(2 ** 31), 2 ** 31 - 1],
    ['Int32BE', -(2 ** 31), 2 ** 31 - 1],
    ['UInt32LE', 0, 2 ** 32 - 1],
    ['UInt32BE', 0, 2 ** 32 - 1],
  ]
  const BIG: readonly (readonly [NumberFormat, bigint, bigint])[] = [
    ['BigInt64LE', -(2n ** 63n), 2n ** 63n - 1n],
    ['BigInt64BE', -(2n ** 63n), 2n ** 63n - 1n],
    ['BigUInt64LE', 0n, 2n ** 64n - 1n],
    ['BigUInt64BE', 0n, 2n ** 64n - 1n],
  ]
  const FLOATS = ['FloatLE', 'FloatBE', 'DoubleLE', 'DoubleBE'] as const

  it.each([
    ...INTEGERS.flatMap(([format, least, most]) =>
      noInteger(format, 'value', [least, most], (n) => write(format, n), but('none', NOTHING)),
    ),
    ...FLOATS.flatMap((format) =>
      noKind(format, 'value', 'a number', (n) => write(format, n), but('none', NOTHING)),
    ),
    ...BIG.flatMap(([format, least, most]) => [
      ...noKind(
        format,
        'value',
        'a bigint',
        (n) => write(format, n),
        but('bigint', NOTHING, [1, 'number']),
      ),
      ...[least - 1n, most + 1n].map((n): Case => [
        `${format}: ${n}`,
        () => write(format, untyped(n)),
        range('value', n, `a bigint from ${least} to ${most}`),
      ]),
    ]),
  ])('%s', (_, act, error) => {
    expect(thrownBy(act)).toEqual(error)
    expect(buffer.toString()).toBe('content')
  })
})

describe('a pool that is closed', () => {
  const refusal = (action: string, pool: string): Record<string, unknown> => ({
    name: 'ClosedError',
    code: 'ERR_CLOSED',
    message: `Cannot ${action}: the ${pool} is closed`,
  })
  const pool = newPool()
  const sharedPool = newShared()
  const held = sharedPool.allocate(1)
  const sent = sharedPool.handOver(sharedPool.allocate(1))
  void pool.close()
  void sharedPool.close()

  it.each<[string, () => unknown]>([
    ['tryAllocate()', () => pool.tryAllocate(1)],
    ['allocate()', () => pool.allocate(1)],
    ['allocate() of more than it has', () => pool.allocate(5)],
    ['allocateBytes()', () => pool.allocateBytes(1)],
    ['acquire()', () => pool.acquire(1)],
    ['acquire() of more than it has', () => pool.acquire(5)],
    [
      'acquire() with a signal that has aborted',
      () => pool.acquire(1, { signal: AbortSignal.abort() }),
    ],
    ['run()', () => pool.run(1, () => {})],
  ])('BufferPool: %s', async (_, act) => {
    expect(await errorBy(act)).toMatchObject(refusal('allocate a buffer', 'buffer pool'))
  })

  it.each<[string, () => unknown, string]>([
    ['tryAllocate()', () => sharedPool.tryAllocate(1), 'allocate a shared buffer'],
    ['allocate()', () => sharedPool.allocate(1), 'allocate a shared buffer'],
    ['allocate() of more than it has', () => sharedPool.allocate(5), 'allocate a shared buffer'],
    ['allocateBytes()', () => sharedPool.allocateBytes(1), 'allocate a shared buffer'],
    ['acquire()', () => sharedPool.acquire(1), 'acquire a shared buffer'],
    ['acquire() of more than it has', () => sharedPool.acquire(5), 'acquire a shared buffer'],
    [
      'acquire() with a signal that has aborted',
      () => sharedPool.acquire(1, { signal: AbortSignal.abort() }),
      'acquire a shared buffer',
    ],
    [
      'acquireSync()',
      () => sharedPool.acquireSync(1, { allowOnMainThread: true }),
      'acquire a shared buffer',
    ],
    ['run()', () => sharedPool.run(1, () => {}), 'acquire a shared buffer'],
    ['handOver()', () => sharedPool.handOver(held), 'hand over a shared buffer'],
    ['takeOver()', () => sharedPool.takeOver(sent), 'take over a shared buffer'],
    ['attach()', () => SharedBufferPool.attach(sharedPool.handle), 'attach'],
  ])('SharedBufferPool: %s', async (_, act, action) => {
    expect(await errorBy(act)).toMatchObject(refusal(action, 'shared buffer pool'))
  })

  it('asks about arguments first', async () => {
    expect(await errorBy(() => pool.acquire(untyped('1')))).toBeInstanceOf(TypeError)
    expect(await errorBy(() => sharedPool.acquire(1, { timeout: -1 }))).toBeInstanceOf(RangeError)
  })

  it('says what it did all the same', () => {
    expect([sharedPool.reclaim(), sharedPool.lost, pool.trim()]).toEqual([0, 0, 0])
    expect(sharedPool.stats()).toMatchObject({ used: 1, handedOver: 0, free: 3 })
    expect([sharedPool.statsOf('nobody').used, pool.statsOf('nobody').used]).toEqual([0, 0])
  })
})

describe('a buffer that was given away', () => {
  const shared = newShared()
  const uses: readonly (readonly [string, (buffer: PooledBuffer) => unknown, string])[] = [
    ['set()', (buffer) => buffer.set('text'), 'write to'],
    ['append()', (buffer) => buffer.append('text'), 'write to'],
    ['appendFrom()', (buffer) => buffer.appendFrom(['text']), 'append to'],
    ['fill()', (buffer) => buffer.fill(0), 'fill'],
    ['bytes()', (buffer) => buffer.bytes(), 'read'],
    ['spare()', (buffer) => buffer.spare(), 'write to'],
    ['commit()', (buffer) => buffer.commit(1), 'write to'],
    ['copyTo()', (buffer) => buffer.copyTo(Buffer.alloc(1)), 'read'],
    ['toBuffer()', (buffer) => buffer.toBuffer(), 'read'],
    ['toString()', (buffer) => buffer.toString(), 'read'],
    ['toReadable()', (buffer) => buffer.toReadable(), 'read'],
    ['reader().read()', (buffer) => buffer.reader().read('UInt8'), 'read'],
    ['reader().text()', (buffer) => buffer.reader().text(1), 'read'],
    ['reader().bytes()', (buffer) => buffer.reader().bytes(1), 'read'],
    ['reader().span()', (buffer) => buffer.reader().span(), 'read'],
    ['writer().write()', (buffer) => buffer.writer().write('UInt8', 1), 'write to'],
    ['writer().text()', (buffer) => buffer.writer().text('text'), 'write to'],
    ['writer().bytes()', (buffer) => buffer.writer().bytes(Buffer.alloc(1)), 'write to'],
  ]

  it.each(uses)('by release(): %s', async (_, use, action) => {
    const buffer = new BufferPool({ blockSize: 16, maxBlocks: 1 }).allocate(1).set('text')
    buffer.release()

    expect(await errorBy(() => use(buffer))).toMatchObject({
      name: 'UseAfterReleaseError',
      code: 'ERR_USE_AFTER_RELEASE',
      message: `Cannot ${action} the buffer 1: it was released`,
      bufferId: 1,
    })
  })

  it.each([
    ...uses,
    ['handOver()', (buffer: PooledBuffer) => shared.handOver(buffer), 'hand over'] as const,
  ])('by handOver(): %s', async (_, use, action) => {
    const buffer = shared.allocate(1).set('text')
    const handle = shared.handOver(buffer)

    expect(await errorBy(() => use(buffer))).toMatchObject({
      name: 'UseAfterReleaseError',
      message: `Cannot ${action} the buffer ${buffer.id}: it was handed over`,
    })
    expect(thrownBy(() => buffer.release())).toMatchObject({
      name: 'DoubleReleaseError',
      message: `Cannot release the buffer ${buffer.id}: it was handed over already`,
    })
    shared.takeOver(handle).release()
    expect(thrownBy(() => shared.takeOver(handle))).toMatchObject({
      name: 'UseAfterReleaseError',
      message: `Cannot take over the buffer ${buffer.id}: it was taken over or reclaimed`,
    })
  })

  it('tells its number and sizes still', () => {
    const buffer = new BufferPool({ blockSize: 16, maxBlocks: 1 }).allocate(1).set('text')
    buffer.release()

    const { id, blockSize, capacity, length, released } = buffer
    expect([id, blockSize, capacity, length, released]).toEqual([1, 16, 16, 4, true])
  })
})

describe('a buffer of another pool', () => {
  const foreign = newPool().allocate(1)
  const shared = newShared()

  it.each([
    ['release', () => shared.release(foreign)],
    ['hand over', () => shared.handOver(foreign)],
    ['release', () => new BufferPool({ maxBlocks: 1 }).release(foreign)],
  ])('cannot be asked to %s', (action, act) => {
    expect(thrownBy(act)).toMatchObject({
      name: 'ForeignReleaseError',
      code: 'ERR_FOREIGN_RELEASE',
      message: `Cannot ${action} the buffer ${foreign.id}: it is from another pool`,
    })
    expect(foreign.set('good still').toString()).toBe('good still')
  })
})
