// One test for each mistake, with the very error.
import { BufferPool, type PooledBuffer, SharedBufferPool } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { thrownBy } from './fixtures/thrown-by.ts'
import { untyped } from './fixtures/untyped.ts'

const range = (name: string, got: unknown, expected: string): RangeError =>
  new RangeError(`Cannot use ${name}: got ${String(got)}, expected an integer from ${expected}`)
const type = (name: string, got: string, expected: string): TypeError =>
  new TypeError(`Cannot use ${name}: got ${got}, expected ${expected}`)

const SAFE = Number.MAX_SAFE_INTEGER

const BLOCK_COUNTS: readonly (readonly [unknown, Error])[] = [
  [0, range('blocks', 0, `1 to ${SAFE}`)],
  [-1, range('blocks', -1, `1 to ${SAFE}`)],
  [1.5, range('blocks', 1.5, `1 to ${SAFE}`)],
  [Number.NaN, range('blocks', Number.NaN, `1 to ${SAFE}`)],
  [Infinity, range('blocks', Infinity, `1 to ${SAFE}`)],
  [2 ** 53, range('blocks', 2 ** 53, `1 to ${SAFE}`)],
  ['2', type('blocks', 'string', 'a number')],
  [2n, type('blocks', 'bigint', 'a number')],
  [null, type('blocks', 'null', 'a number')],
  [undefined, type('blocks', 'undefined', 'a number')],
  [[2], type('blocks', 'array', 'a number')],
]

describe.each([
  ['BufferPool', new BufferPool({ blockSize: 16, maxBlocks: 4 })],
  ['SharedBufferPool', new SharedBufferPool({ blockSize: 16, maxBlocks: 4 })],
])('%s', (_, pool) => {
  it.each(BLOCK_COUNTS)('tryAllocate(%o)', (blocks, error) => {
    expect(thrownBy(() => pool.tryAllocate(untyped(blocks)))).toEqual(error)
  })

  it.each(BLOCK_COUNTS)('allocate(%o)', (blocks, error) => {
    expect(thrownBy(() => pool.allocate(untyped(blocks)))).toEqual(error)
  })

  it.each(BLOCK_COUNTS)('acquire(%o) rejects', async (blocks, error) => {
    expect(await reasonOf(pool.acquire(untyped(blocks)))).toEqual(error)
  })

  it.each([
    [-1, range('bytes', -1, `0 to ${SAFE}`)],
    [0.5, range('bytes', 0.5, `0 to ${SAFE}`)],
    [Number.NaN, range('bytes', Number.NaN, `0 to ${SAFE}`)],
    ['1', type('bytes', 'string', 'a number')],
  ])('allocateBytes(%o)', (bytes, error) => {
    expect(thrownBy(() => pool.allocateBytes(untyped(bytes)))).toEqual(error)
  })

  it('a timeout below 0', async () => {
    expect(await reasonOf(pool.acquire(1, { timeout: -1 }))).toEqual(
      new RangeError('Cannot use timeout: got -1, expected milliseconds from 0 up'),
    )
  })

  it('options that are no object', async () => {
    expect(await reasonOf(pool.acquire(1, untyped(500)))).toEqual(
      type('options', 'number', 'an object'),
    )
  })

  it('a signal that is none', async () => {
    expect(await reasonOf(pool.acquire(1, { signal: untyped({}) }))).toEqual(
      type('signal', 'object', 'an AbortSignal'),
    )
  })

  it('run() without a function rejects', async () => {
    expect(await reasonOf(pool.run(1, untyped(5)))).toEqual(type('fn', 'number', 'a function'))
  })

  it.each([undefined, null, {}, Buffer.alloc(1)])('release(%o)', (buffer) => {
    expect(thrownBy(() => pool.release(untyped(buffer)))).toEqual(
      new TypeError('Cannot release the buffer: expected a PooledBuffer'),
    )
  })

  it('nothing was lent', () => {
    expect(pool.stats()).toMatchObject({ used: 0, takes: 0, waiting: 0 })
  })
})

describe('BufferPool', () => {
  it.each([
    ['maxBlocks', 0, range('maxBlocks', 0, '1 to 2147483647')],
    ['maxBlocks', -1, range('maxBlocks', -1, '1 to 2147483647')],
    ['maxBlocks', 1.5, range('maxBlocks', 1.5, '1 to 2147483647')],
    ['maxBlocks', Infinity, range('maxBlocks', Infinity, '1 to 2147483647')],
    ['maxBlocks', '4', type('maxBlocks', 'string', 'a number')],
    ['maxBlocks', undefined, type('maxBlocks', 'undefined', 'a number')],
    ['blockSize', 0, range('blockSize', 0, '1 to 1073741824')],
    ['blockSize', 2 ** 31, range('blockSize', 2 ** 31, '1 to 1073741824')],
    ['blockSize', Number.NaN, range('blockSize', Number.NaN, '1 to 1073741824')],
    ['initialBlocks', 5, range('initialBlocks', 5, '0 to 4')],
    [
      'idleTimeoutMs',
      -1,
      new RangeError('Cannot use idleTimeoutMs: got -1, expected milliseconds from 0 up'),
    ],
    ['zero', true, type('zero', 'true', `one of 'never', 'take', 'release'`)],
    ['leaks', 'some', type('leaks', '"some"', `one of 'off', 'sampled', 'all'`)],
    ['guard', 1, type('guard', '1', `one of 'off', 'poison', 'detach'`)],
    ['onLeak', 'log', type('onLeak', 'string', 'a function')],
    ['onLateWrite', {}, type('onLateWrite', 'object', 'a function')],
    ['clock', 5, type('clock', 'number', 'an object')],
  ])('with %s: %o', (name, value, error) => {
    const options = { maxBlocks: 4, [name]: value }

    expect(thrownBy(() => new BufferPool(untyped(options)))).toEqual(error)
  })

  it.each([
    [undefined, type('options', 'undefined', 'an object')],
    [10, type('options', 'number', 'an object')],
  ])('with options %o', (options, error) => {
    expect(thrownBy(() => new BufferPool(untyped(options)))).toEqual(error)
  })

  it('a tag that is no string', async () => {
    const pool = new BufferPool({ maxBlocks: 1 })
    const error = type('tag', 'number', 'a string')

    expect(thrownBy(() => pool.allocate(1, { tag: untyped(5) }))).toEqual(error)
    expect(await reasonOf(pool.acquire(1, { tag: untyped(5) }))).toEqual(error)
  })
})

describe('SharedBufferPool', () => {
  it.each([
    ['maxBlocks', 0, range('maxBlocks', 0, '1 to 2147483647')],
    ['blockSize', 1.5, range('blockSize', 1.5, '1 to 1073741824')],
    ['maxThreads', 0, range('maxThreads', 0, '1 to 4096')],
    ['zero', 'always', type('zero', '"always"', `one of 'never', 'take', 'release'`)],
  ])('with %s: %o', (name, value, error) => {
    const options = { maxBlocks: 4, [name]: value }

    expect(thrownBy(() => new SharedBufferPool(untyped(options)))).toEqual(error)
  })

  it.each([undefined, null, 5, {}, { pool: 'other', blocks: [0], length: 0, proof: 1 }])(
    'takeOver(%o)',
    (handle) => {
      const pool = new SharedBufferPool({ blockSize: 16, maxBlocks: 4 })

      expect(thrownBy(() => pool.takeOver(untyped(handle)))).toEqual(
        new TypeError('Cannot take over a buffer: expected what handOver() of this pool gave'),
      )
    },
  )

  it.each([
    ['a block that there is not', { blocks: [4] }],
    ['no blocks', { blocks: [] }],
    ['a length beyond its blocks', { length: 17 }],
    ['a proof that is no number', { proof: 'x' }],
  ])('takeOver() of a handle with %s', (_, change) => {
    const pool = new SharedBufferPool({ blockSize: 16, maxBlocks: 4 })
    const handle = { ...pool.handOver(pool.allocate(1)), ...change }

    expect(thrownBy(() => pool.takeOver(untyped(handle)))).toEqual(
      new TypeError('Cannot take over a buffer: expected what handOver() of this pool gave'),
    )
  })
})

describe('PooledBuffer', () => {
  const buffer = new BufferPool({ blockSize: 16, maxBlocks: 2 }).allocate(2).set('content')
  const expectedContent = 'a string or a Uint8Array'
  const cases: readonly (readonly [string, (buffer: PooledBuffer) => unknown, Error])[] = [
    ['set(5)', () => buffer.set(untyped(5)), type('content', 'number', expectedContent)],
    ['set(null)', () => buffer.set(untyped(null)), type('content', 'null', expectedContent)],
    ['append([])', () => buffer.append(untyped([])), type('content', 'object', expectedContent)],
    [
      'set() in an unknown encoding',
      () => buffer.set('x', untyped('klingon')),
      type('encoding', '"klingon"', `one such as 'utf8'`),
    ],
    [
      'toString() in an unknown encoding',
      () => buffer.toString(untyped('klingon')),
      type('encoding', '"klingon"', `one such as 'utf8'`),
    ],
    ['toString() from -1', () => buffer.toString('utf8', -1), range('start', -1, '0 to 7')],
    ['toBuffer() from behind', () => buffer.toBuffer(8), range('start', 8, '0 to 7')],
    ['toBuffer() backwards', () => buffer.toBuffer(3, 2), range('end', 2, '3 to 7')],
    ['toBuffer() too far', () => buffer.toBuffer(0, 8), range('end', 8, '0 to 7')],
    ['fill(256)', () => buffer.fill(256), range('byte', 256, '0 to 255')],
    ['fill() beyond', () => buffer.fill(0, 8), range('start', 8, '0 to 7')],
    ['fill() too far', () => buffer.fill(0, 0, 33), range('end', 33, '0 to 32')],
    ['commit(-1)', () => buffer.commit(-1), range('bytes', -1, '0 to 25')],
    ['commit(26)', () => buffer.commit(26), range('bytes', 26, '0 to 25')],
    [
      'copyTo([])',
      () => buffer.copyTo(untyped([])),
      new TypeError('Cannot use target: expected a Uint8Array'),
    ],
    ['copyTo() from 8', () => buffer.copyTo(Buffer.alloc(1), 8), range('start', 8, '0 to 7')],
    ['reader(8)', () => buffer.reader(8), range('position', 8, '0 to 7')],
    ['writer(-1)', () => buffer.writer(-1), range('position', -1, '0 to 7')],
    ['seek(8)', () => buffer.reader().seek(8), range('position', 8, '0 to 7')],
    ['span(-1)', () => buffer.reader().span(-1), range('most', -1, '0 up, or Infinity')],
    ['text(-1)', () => buffer.reader().text(-1), range('bytes', -1, `0 to ${SAFE}`)],
    [
      'read() of an unknown format',
      () => buffer.reader().read(untyped('UInt24LE')),
      type('format', 'UInt24LE', `one such as 'UInt32LE'`),
    ],
    [
      'write() of an unknown format',
      () => buffer.writer().write(untyped('toString'), untyped(1)),
      type('format', 'toString', `one such as 'UInt32LE'`),
    ],
    ['text(5)', () => buffer.writer().text(untyped(5)), type('text', 'number', 'a string')],
    [
      'bytes() of text',
      () => buffer.writer().bytes(untyped('text')),
      type('content', 'string', 'a Uint8Array'),
    ],
  ]

  it.each(cases)('%s', (_, act, error) => {
    expect(thrownBy(() => act(buffer))).toEqual(error)
    expect(buffer.toString()).toBe('content')
  })

  it('appendFrom() of a signal that is none', async () => {
    expect(await reasonOf(buffer.appendFrom([], { signal: untyped(5) }))).toEqual(
      type('signal', 'number', 'an AbortSignal'),
    )
  })
})
