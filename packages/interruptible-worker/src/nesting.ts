import { findLineage } from './in-thread/lineage.ts'
import type { Failure } from './thread-owner.ts'

/**
 * What is wrong with starting a thread of that module from this one, if something is: this thread,
 * or one that it descends from, runs the module itself. Its threads would start threads in turn,
 * without end, at import or with each call.
 */
export function findNesting(moduleUrl: URL): Failure | undefined {
  if (!findLineage().includes(moduleUrl.href)) return undefined
  const problem = `it would start threads of ${moduleUrl.href} inside a thread of that module`
  return { problem, cause: undefined }
}
