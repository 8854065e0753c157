// Checked by the compiler alone: each line compiles, or does not where it says so.
import { BufferPool, type PooledBuffer, SharedBufferPool } from '@cupola/buffer-pool'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

const pool = new BufferPool({ maxBlocks: 1 })
const shared = new SharedBufferPool({ maxBlocks: 1 })

const maybe = pool.tryAllocate(1)
same<typeof maybe, PooledBuffer | undefined>(true)
const acquired = shared.acquire(1, { timeout: 5 })
same<typeof acquired, Promise<PooledBuffer>>(true)

// What a function gives is awaited once.
const length = pool.run(1, (buffer) => Promise.resolve(buffer.length))
same<typeof length, Promise<number>>(true)

// A number's type is that of its format.
const buffer = pool.allocate(1)
const small = buffer.reader().read('UInt8')
same<typeof small, number>(true)
const big = buffer.reader().read('BigInt64LE')
same<typeof big, bigint>(true)
buffer.writer().write('BigUInt64BE', 1n).write('DoubleLE', 0.5)
// @ts-expect-error a number in place of a bigint
buffer.writer().write('BigUInt64BE', 1)
// @ts-expect-error no such format
buffer.reader().read('UInt24LE')

// Options may be forwarded as they came, `undefined` included.
declare const signal: AbortSignal | undefined
declare const tag: string | undefined
void pool.acquire(1, { signal, tag })

// @ts-expect-error a pool has a limit
void new BufferPool({})
// @ts-expect-error no such mode
void new BufferPool({ maxBlocks: 1, zero: true })
void shared.acquire(1, { signal, tag })
void shared.acquireSync(1, { tag, allowOnMainThread: true })
// @ts-expect-error blocking is not aborted
void shared.acquireSync(1, { signal })
// @ts-expect-error a buffer is handed over first
void shared.takeOver(buffer)
