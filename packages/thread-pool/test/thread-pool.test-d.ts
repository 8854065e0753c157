// Checked by the compiler alone: each line compiles, or does not where it says so.
import {
  type ArgumentsOf,
  type ErrorClass,
  type FunctionName,
  inline,
  type ItemOf,
  type ResultOf,
  type Settlement,
  type StreamName,
  ThreadPool,
  type ThreadPoolOptions,
  type ThreadPoolStats,
  type ThreadResult,
} from '@cupola/thread-pool'
import type * as Fixture from './fixtures/work.ts'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

interface Work {
  add(a: number, b: number): number
  later(text: string): Promise<string>
  thenable(): PromiseLike<Promise<boolean>>
  optional(a: number, b?: string): void
  rest(...numbers: number[]): number
  readonlyList(list: readonly number[]): number
  readonly constant: number
  readonly Class: new (a: number) => Date
  readonly text: string
}

// The names are those of the functions, and no others.
same<FunctionName<Work>, 'add' | 'later' | 'thenable' | 'optional' | 'rest' | 'readonlyList'>(true)
same<ArgumentsOf<Work, 'add'>, [a: number, b: number]>(true)
same<ResultOf<Work, 'later'>, string>(true)
same<ResultOf<Work, 'thenable'>, boolean>(true)

const pool = new ThreadPool<Work>(new URL('./work.js', import.meta.url))

// A result is unwrapped: never a promise of a promise.
const sum = pool.run('add', [1, 2])
same<typeof sum, Promise<number>>(true)
const later = pool.run('later', ['text'])
same<typeof later, Promise<string>>(true)
const thenable = pool.run('thenable', [])
same<typeof thenable, Promise<boolean>>(true)
const nothing = pool.run('optional', [1])
same<typeof nothing, Promise<void>>(true)
void pool.run('optional', [1, 'two'])
void pool.run('optional', [1, undefined])
void pool.run('rest', [])
void pool.run('rest', [1, 2, 3])

// Arguments may be read-only.
const pair = [1, 2] as const
void pool.run('add', pair)
void pool.run('readonlyList', [[1, 2]])

// @ts-expect-error -- there is no function of that name
void pool.run('subtract', [1, 2])
// @ts-expect-error -- a constant is no function
void pool.run('constant', [])
// @ts-expect-error -- a class is no function that can be called
void pool.run('Class', [1])
// @ts-expect-error -- one argument is missing
void pool.run('add', [1])
// @ts-expect-error -- one argument is too many
void pool.run('add', [1, 2, 3])
// @ts-expect-error -- an argument has the wrong type
void pool.run('add', [1, '2'])
// @ts-expect-error -- arguments are an array
void pool.run('later', 'text')
// @ts-expect-error -- arguments are always given
void pool.run('thenable')

// A module is what `typeof import()` says, and its types reach the caller.
const typed = new ThreadPool<typeof Fixture>('./work.js')
const added = typed.run('addLater', [1, 2])
same<typeof added, Promise<number>>(true)
// @ts-expect-error -- `notAFunction` is a number
void typed.run('notAFunction', [])
// A generic function has lost its parameter: it gives `unknown`.
const echoed = typed.run('echo', [1])
same<typeof echoed, Promise<unknown>>(true)

// Without a type, any function may be there, and gives nobody knows what.
const untyped = new ThreadPool('./work.js')
const unknown = untyped.run('anything', [1, 'two', {}])
same<typeof unknown, Promise<unknown>>(true)

// Options may be forwarded as they came, `undefined` included.
declare const signal: AbortSignal | undefined
declare const timeout: number | undefined
declare const transfer: readonly ArrayBuffer[] | undefined
void pool.run('add', [1, 2], { signal, timeout, transfer })
const options: ThreadPoolOptions = { minThreads: undefined, maxThreads: undefined }
void new ThreadPool('./work.js', options)
declare const deadline: number | undefined
declare const affinity: string | number | undefined
void pool.run('add', [1, 2], { deadline, priority: -1, affinity, retries: 2 })
void pool.run('add', [1, 2], { retries: { errors: 2, crashes: undefined, delayMs: 5 } })
same<ReturnType<typeof pool.ready>, Promise<void>>(true)
void pool.ready({ signal, timeout })
// @ts-expect-error -- a key is told apart by its value
void pool.run('add', [1, 2], { affinity: {} })
// @ts-expect-error -- the options have no such member
void pool.run('add', [1, 2], { retries: { times: 2 } })
// @ts-expect-error -- there is no such policy
void new ThreadPool('./work.js', { whenFull: 'drop' })
// @ts-expect-error -- the options have no such member
void pool.run('add', [1, 2], { timeoutMs: 5 })
// @ts-expect-error -- a timeout is a number
void pool.run('add', [1, 2], { timeout: '5' })
// @ts-expect-error -- the options have no such member
void new ThreadPool('./work.js', { threads: 4 })
// @ts-expect-error -- options are read, never written
options.minThreads = 5

// Error classes may have any constructor, and be abstract.
class Odd extends Error {
  constructor(a: number, b: { readonly deep: boolean }) {
    super(`${a}${b.deep}`)
  }
}
abstract class Abstract extends Error {}
void ({ errorClasses: [Odd, Abstract] } satisfies ThreadPoolOptions)
// @ts-expect-error -- a class that makes no errors is none
void ([Date] satisfies ErrorClass[])

// Events have one payload each.
pool.on('threadExit', ({ threadId, error }) => {
  same<typeof threadId, number>(true)
  void error?.cause
})
// @ts-expect-error -- there is no such event
pool.on('error', () => {})
// @ts-expect-error -- the payload has no such member
pool.on('idle', ({ failed }) => failed)

// What is told is not to be changed.
declare const stats: ThreadPoolStats
// @ts-expect-error -- stats are a snapshot
stats.threads = 5
// @ts-expect-error -- the size is changed by resize()
pool.size.maxThreads = 5

// A pool can be disposed.
void (pool satisfies AsyncDisposable)

// A callback is told what the call gives, or something unknown.
void pool.run('add', [1, 2], {
  onSettled: (settlement) => {
    if (settlement.ok) same<typeof settlement.value, number>(true)
    else same<typeof settlement.error, unknown>(true)
  },
  onProgress: (value) => same<typeof value, unknown>(true),
})
// @ts-expect-error -- what the function gives is no text
void pool.run('add', [1, 2], { onSettled: (settlement: Settlement<string>) => settlement })
declare const onSettled: ((settlement: Settlement<unknown>) => void) | undefined
void pool.run('add', [1, 2], { onSettled, onProgress: undefined })

// Functions that give one item after the other.
interface Streams {
  init(data: number): void
  dispose(): Promise<void>
  count(to: number): Generator<number, string>
  countLater(to: number): AsyncGenerator<string>
  promises(): Generator<Promise<boolean>>
  set(): Promise<Set<string>>
  list(): number[]
  text(): string
  one(): number
}
declare const streams: ThreadPool<Streams>
same<StreamName<Streams>, 'count' | 'countLater' | 'promises' | 'set'>(true)
same<ItemOf<Streams, 'set'>, string>(true)
const counted = streams.stream('count', [1])
same<typeof counted, AsyncIterableIterator<number, undefined>>(true)
const countedLater = streams.stream('countLater', [1], { highWaterMark: 2, timeout: 5 })
same<typeof countedLater, AsyncIterableIterator<string, undefined>>(true)
const promised = streams.stream('promises', [])
same<typeof promised, AsyncIterableIterator<boolean, undefined>>(true)
// @ts-expect-error -- it gives one number
void streams.stream('one', [])
// @ts-expect-error -- an array is one result
void streams.stream('list', [])
// @ts-expect-error -- items that were given cannot be taken back
void streams.stream('count', [1], { retries: 1 })
const anything = untyped.stream('anything', [])
same<typeof anything, AsyncIterableIterator<unknown, undefined>>(true)

// What each thread runs by itself is not for calling.
same<FunctionName<Streams> & ('init' | 'dispose'), never>(true)
// @ts-expect-error -- each thread runs it by itself
void streams.run('init', [1])
// @ts-expect-error -- each thread runs it by itself
void streams.broadcast('dispose', [])

// The items of a map are what its function takes.
const mappedItems = pool.map('later', ['a'], { ordered: false, concurrency: 2, signal })
same<typeof mappedItems, AsyncGenerator<string, undefined>>(true)
void pool.map('optional', new Set([1]))
void pool.map('later', [Promise.resolve('a')])
// @ts-expect-error -- it takes two arguments
void pool.map('add', [1])
// @ts-expect-error -- it takes text
void pool.map('later', [1])
// @ts-expect-error -- each item goes to one call, which may be tried again
void pool.map('later', ['a'], { transfer: [] })
const mappedUnknown = untyped.map('anything', [1, 'two'])
same<typeof mappedUnknown, AsyncGenerator<unknown, undefined>>(true)

// A broadcast has a result of each thread.
const told = pool.broadcast('add', [1, 2], { replay: true })
same<typeof told, Promise<ThreadResult<number>[]>>(true)
// @ts-expect-error -- an argument is missing
void pool.broadcast('add', [1])

// Functions of the program bring their types.
const inlined = new ThreadPool(
  inline({
    double: (x: number) => x * 2,
    *letters(word: string) {
      yield* word
    },
    init: () => {},
  }),
)
const doubled = inlined.run('double', [2])
same<typeof doubled, Promise<number>>(true)
const letters = inlined.stream('letters', ['abc'])
same<typeof letters, AsyncIterableIterator<string, undefined>>(true)
// @ts-expect-error -- it takes a number
void inlined.run('double', ['2'])
// @ts-expect-error -- there is no function of that name
void inlined.run('treble', [2])
// @ts-expect-error -- a constant is no function
void inline({ seven: 7 })
