import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { WorkerOptions } from 'node:worker_threads'
import { requireArray, requireFunction, requireObject } from '@cupola/core/authoring'
import { CallLengths } from './call-lengths.ts'
import type { ThreadRecipe } from './thread-owner.ts'
import type { ErrorClass } from './unpack-error.ts'

/**
 * What the threads of a worker module are made from, checked.
 *
 * @param module - A `file:` or `data:` URL, or a path.
 * @throws TypeError If something has the wrong type.
 */
export function recipeOf(
  module: URL | string,
  workerOptions: WorkerOptions,
  errorClasses: readonly ErrorClass[],
): ThreadRecipe {
  requireObject('workerOptions', workerOptions)
  requireArray('errorClasses', errorClasses)
  for (const errorClass of errorClasses) requireFunction('errorClasses', errorClass)
  return { moduleUrl: urlOf(module), workerOptions, errorClasses, lengths: new CallLengths() }
}

/** `file:` and the like. One letter before the colon is a drive: `C:\work.js` is a path. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i

function urlOf(module: URL | string): URL {
  if (module instanceof URL) return module
  if (typeof module !== 'string') {
    throw new TypeError('Cannot use module: expected a URL or a path')
  }
  return SCHEME.test(module) ? new URL(module) : pathToFileURL(resolve(module))
}
