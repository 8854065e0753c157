import { type Dirent, lstat, readdir, stat } from 'node:fs'
import type { Options } from 'fast-glob'
import { isAbsence } from '../system-errors.ts'

/**
 * A file system for one walk of fast-glob, which either fails at the first error or keeps them all to
 * itself. Whoever wants to know that there is nothing has to know what was not looked at.
 */
export class ErrorNotes {
  #first: Error | undefined

  /** The first error that does not say that something is absent. */
  get first(): Error | undefined {
    return this.#first
  }

  /** What the walk has to use. */
  readonly fileSystem: NonNullable<Options['fs']> = {
    lstat: (path, callback) => lstat(path, this.#noting(callback)),
    stat: (path, callback) => stat(path, this.#noting(callback)),
    // It asks for names with their types, always.
    readdir: (path: string, _: unknown, callback?: Callback<Dirent[]>) => {
      if (callback !== undefined) readdir(path, { withFileTypes: true }, this.#noting(callback))
    },
  }

  #noting<Result>(callback: Callback<Result>): Callback<Result> {
    return (error, result) => {
      if (error !== null && !isAbsence(error)) this.#first ??= error
      callback(error, result)
    }
  }
}

type Callback<Result> = (error: NodeJS.ErrnoException | null, result: Result) => void
