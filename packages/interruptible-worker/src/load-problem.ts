/**
 * Why a thread cannot take calls, as a clause for the message of a `BrokenError`.
 *
 * @param inInit - Whether the module has loaded, and its `init` failed.
 * @param cause - What was thrown.
 */
export function loadProblem(moduleUrl: URL, inInit: boolean, cause: unknown): string {
  const { href } = moduleUrl
  if (inInit) return `init(), which each thread runs before it takes calls, failed in ${href}`
  const problem = `its worker module ${href} does not load`
  return needsLoader(cause) ? `${problem}: ${NEEDS_LOADER}` : problem
}

const NEEDS_LOADER =
  'this Node does not run such files by itself, expected a loader in `workerOptions.execArgv`'

/** It may be the module itself or one that it imports. */
function needsLoader(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'code' in cause &&
    cause.code === 'ERR_UNKNOWN_FILE_EXTENSION' &&
    /"\.[cm]?tsx?"/.test(cause.message)
  )
}
