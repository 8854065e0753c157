import type { LifeFunction } from './life-functions.ts'

/** What a pool takes a worker module for when it is not told: any function may be there. */
export type WorkerModule = Readonly<Record<string, (...args: unknown[]) => unknown>>

/**
 * The names of the functions of a worker module that can be called: those it exports, but for `init`
 * and `dispose`, which each thread runs by itself.
 */
export type FunctionName<Module> = Exclude<
  {
    [Name in keyof Module]: Module[Name] extends (...args: never[]) => unknown ? Name : never
  }[keyof Module] &
    string,
  LifeFunction
>

/** The arguments of one of a worker module's functions, as a tuple. */
export type ArgumentsOf<Module, Name extends keyof Module> = Module[Name] extends (
  ...args: infer Arguments
) => unknown
  ? Arguments
  : never

/** What one of a worker module's functions gives, with its promise unwrapped. */
export type ResultOf<Module, Name extends keyof Module> = Module[Name] extends (
  ...args: never[]
) => infer Result
  ? Awaited<Result>
  : never

/**
 * The names of the functions of a worker module that give one item after the other: generators, and
 * whatever else returns an iterable. A string and an array are results, not streams.
 */
export type StreamName<Module> = {
  [Name in FunctionName<Module>]: ItemOf<Module, Name> extends never ? never : Name
}[FunctionName<Module>]

/** What such a function gives, item by item. */
export type ItemOf<Module, Name extends keyof Module> = IterableItem<ResultOf<Module, Name>>

type IterableItem<Result> = unknown extends Result
  ? unknown
  : Result extends string | readonly unknown[]
    ? never
    : Result extends AsyncIterable<infer Item>
      ? Awaited<Item>
      : Result extends Iterable<infer Item>
        ? Awaited<Item>
        : never
