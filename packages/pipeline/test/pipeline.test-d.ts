import { Readable } from 'node:stream'
import { type Pipeline, pipeline, type RunReport } from '@cupola/pipeline'
import type { ThreadPool } from '@cupola/thread-pool'
import { expectTypeOf } from 'vitest'
import type * as work from './fixtures/work.ts'

declare const pool: ThreadPool<typeof work>
declare const anyPool: ThreadPool

// Sources.
expectTypeOf(pipeline([1, 2])).toEqualTypeOf<Pipeline<number>>()
expectTypeOf(pipeline('abc')).toEqualTypeOf<Pipeline<string>>()
expectTypeOf(pipeline([Promise.resolve(1)])).toEqualTypeOf<Pipeline<number>>()
expectTypeOf(pipeline([Promise.resolve(1), 2])).toEqualTypeOf<Pipeline<number>>()
expectTypeOf(
  pipeline(async function* () {
    yield 'a'
  }),
).toEqualTypeOf<Pipeline<string>>()
expectTypeOf(pipeline(pipeline([1]))).toEqualTypeOf<Pipeline<number>>()
expectTypeOf(pipeline<Buffer>(Readable.from([]))).toEqualTypeOf<Pipeline<Buffer>>()
// @ts-expect-error a number is no source
pipeline(7)
// @ts-expect-error nor is a function that gives none
pipeline(() => 7)

// Stages.
const words = pipeline(['a', undefined])
expectTypeOf(words.map(async (word) => word?.length)).toEqualTypeOf<Pipeline<number | undefined>>()
expectTypeOf(words.map((word) => (word === undefined ? '' : Promise.resolve(word)))).toEqualTypeOf<
  Pipeline<string>
>()
expectTypeOf(words.filter((word) => word !== undefined)).toEqualTypeOf<Pipeline<string>>()
expectTypeOf(words.filter(async (word) => word !== undefined)).toEqualTypeOf<typeof words>()
expectTypeOf(words.tap(() => 7)).toEqualTypeOf<typeof words>()
expectTypeOf(words.batch({ size: 2 })).toEqualTypeOf<Pipeline<(string | undefined)[]>>()
// @ts-expect-error a filter answers with a boolean
words.filter((word) => word)
// @ts-expect-error a batch needs a size
words.batch({ afterMs: 10 })
// @ts-expect-error the function takes something else
words.map((n: number) => n)

// Pools.
expectTypeOf(pipeline([1]).via(pool, 'square')).toEqualTypeOf<Pipeline<number>>()
expectTypeOf(pipeline(['a']).via(pool, 'fail')).toEqualTypeOf<Pipeline<never>>()
expectTypeOf(pipeline([1]).via(anyPool, 'whatever')).toEqualTypeOf<Pipeline<unknown>>()
// @ts-expect-error square takes a number
pipeline(['a']).via(pool, 'square')
// @ts-expect-error twoOf takes two arguments
pipeline(['a']).via(pool, 'twoOf')
// @ts-expect-error version is no function
pipeline([1]).via(pool, 'version')
// @ts-expect-error there is no such function
pipeline([1]).via(pool, 'cube')

// Runs.
expectTypeOf(words.toArray()).toEqualTypeOf<Promise<(string | undefined)[]>>()
expectTypeOf(words.forEach(() => {})).toEqualTypeOf<Promise<RunReport>>()
expectTypeOf(words.run({ signal: undefined })).toEqualTypeOf<Promise<RunReport>>()
expectTypeOf(words.iterate().next()).toEqualTypeOf<
  Promise<IteratorResult<string | undefined, undefined>>
>()
// @ts-expect-error a report cannot be changed
void words.run({ onProgress: (report) => (report.items = 0) })
