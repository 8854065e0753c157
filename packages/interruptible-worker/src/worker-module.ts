/** What a pool takes a worker module for when it is not told: any function may be there. */
export type WorkerModule = Readonly<Record<string, (...args: unknown[]) => unknown>>

/** The names of the functions that a worker module exports. */
export type FunctionName<Module> = {
  [Name in keyof Module]: Module[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof Module] &
  string

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
